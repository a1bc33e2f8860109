// SPDX-License-Identifier: GPL-2.0-only
// What an event costs in the client: decoded, dissected, rendered as JSON, again
// and again. Instructions per event, start-up taken out:
//   for n in 1000 11000; do valgrind --tool=callgrind build/userspace/bench_decode $n; done
// and the difference divided by 10000. Without valgrind it prints the time.
#include "message_builder.hpp"
#include "nl/stream_reader.hpp"
#include "render/json_renderer.hpp"
#include "util/output.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <fcntl.h>

namespace {

using namespace dropctl;

/// Names without a kernel.
class FixedNames final : public render::Names {
  public:
    FixedNames() {
        place_.symbol = "__udp4_lib_rcv";
        place_.offset = 2466;
        place_.function = "__udp4_lib_rcv";
        place_.inlined = {"__udp4_lib_rcv"};
        place_.file = "net/ipv4/udp.c";
        place_.line = 2552;
        place_.address = test::drop_location;
    }
    const Location &location(uint64_t /*address*/) override { return place_; }
    const Location &location(const std::string & /*symbol*/) override { return place_; }
    std::string reason(uint32_t /*number*/) override { return "NO_SOCKET"; }
    std::string filter(uint32_t /*id*/) override { return "dns"; }
    std::string netns(uint32_t /*inode*/) override { return {}; }
    uint32_t own_netns() override { return 0; }

  private:
    Location place_;
};

class Bench final : public nl::Stream {
  public:
    explicit Bench(render::Renderer &renderer) : renderer_(renderer) {}
    bool event(const Event &event) override {
        renderer_.drop(event);
        ++events_;
        return true;
    }
    void loss(const Loss & /*loss*/) override {}
    void end(const nl::SessionEnd & /*end*/) override {}
    void idle() override {}
    [[nodiscard]] uint64_t events() const { return events_; }

  private:
    render::Renderer &renderer_;
    uint64_t events_ = 0;
};

} // namespace

int main(int argc, char **argv) {
    const unsigned long wanted = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    util::Output out(null);
    FixedNames names;
    render::JsonRenderer renderer(out, names, false);
    Bench bench(renderer);
    test::Payload drops;
    drops.number(DROPTRACE_A_SESSION_ID, uint32_t{1});
    for (int count = 0; count < 50; ++count) {
        drops.nest(DROPTRACE_A_SESSION_EVENT, test::udp_event());
    }
    const auto datagram = test::message(DROPTRACE_CMD_SESSION_NTF, drops);
    nl::StreamReader reader;
    reader.begin(1);
    const auto start = std::chrono::steady_clock::now();
    while (bench.events() < wanted) {
        reader.read(datagram, bench);
    }
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    fmt::print("{} events in {:.3f} s: {:.0f} ns each\n", bench.events(), spent.count(),
               spent.count() * 1e9 / static_cast<double>(bench.events()));
    return 0;
}
