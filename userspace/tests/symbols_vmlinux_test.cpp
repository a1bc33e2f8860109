// SPDX-License-Identifier: GPL-2.0-only
// The symboliser on a real vmlinux, against addr2line: the same functions, files
// and lines at places all over the network code, at a small price.
#include "symbols/dwfl_symboliser.hpp"
#include "symbols_fixture.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <ctime>
#include <random>
#include <set>
#include <unistd.h>

namespace {

using namespace dropctl;
using namespace dropctl::test;
using symbols::DwflSymboliser;

struct Text {
    uint64_t address;
    std::string name;
};

/// What addr2line says of an address.
struct Reference {
    std::vector<std::string> functions; ///< innermost first
    std::string file;
    std::string line;
};

class VmlinuxTest : public testing::Test {
  protected:
    void SetUp() override {
        std::error_code error;
        const std::filesystem::path root = "/usr/lib/debug/lib/modules";
        for (const auto &entry : std::filesystem::directory_iterator(root, error)) {
            if (std::filesystem::exists(entry.path() / "vmlinux")) {
                release_ = entry.path().filename();
                vmlinux_ = entry.path() / "vmlinux";
            }
        }
        if (vmlinux_.empty()) {
            GTEST_SKIP() << "no vmlinux with debug information under " << root;
        }
        const auto symbols = run("nm -n " + vmlinux_ + " 2>/dev/null");
        if (!symbols || !run("addr2line --version")) {
            GTEST_SKIP() << "no nm and addr2line to compare with";
        }
        write_file(directory_.path() / "kallsyms", *symbols);
        read_symbols(*symbols);
    }

    void read_symbols(const std::string &symbols) {
        static const std::set<std::string> network{
            "ip", "ip6", "ipv6", "tcp",  "udp", "icmp", "igmp", "arp",   "neigh", "skb",  "dev",
            "nf", "fib", "inet", "sock", "sk",  "rt",   "bpf",  "qdisc", "xfrm",  "napi", "netif"};
        std::istringstream lines(symbols);
        for (std::string address, type, name; lines >> address >> type >> name;) {
            if ((type == "t" || type == "T") && network.contains(name.substr(0, name.find('_')))) {
                texts_.push_back({std::stoull(address, nullptr, 16), name});
            }
        }
    }

    [[nodiscard]] symbols::SymboliserOptions options() const {
        symbols::SymboliserOptions options;
        options.kallsyms = directory_.path() / "kallsyms";
        options.modules = "/dev/null";
        options.kernel_notes = "/dev/null";
        options.release = release_;
        return options;
    }

    [[nodiscard]] uint64_t address_of(const std::string &name) const {
        const auto place = std::find_if(texts_.begin(), texts_.end(),
                                        [&](const Text &text) { return text.name == name; });
        return place == texts_.end() ? 0 : place->address;
    }

    /// Ask addr2line for many addresses at a time.
    [[nodiscard]] std::vector<Reference> references(const std::vector<uint64_t> &addresses) const {
        std::string list;
        for (const uint64_t address : addresses) {
            list += fmt::format("{:x}\n", address);
        }
        write_file(directory_.path() / "addresses", list);
        std::istringstream lines(run("addr2line -a -i -f -e " + vmlinux_ + " < " +
                                     (directory_.path() / "addresses").string())
                                     .value_or(""));
        std::vector<Reference> found;
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with("0x")) {
                found.emplace_back();
                continue;
            }
            Reference &reference = found.back();
            reference.functions.emplace_back(symbols::without_suffixes(line));
            std::getline(lines, line);
            if (reference.functions.size() == 1) {
                line = line.substr(0, line.find(" ("));
                reference.file = line.substr(0, line.rfind(':'));
                reference.line = line.substr(line.rfind(':') + 1);
            }
        }
        return found;
    }

    TemporaryDirectory directory_;
    std::string release_;
    std::string vmlinux_;
    std::vector<Text> texts_;
};

double cpu_ms() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

long resident_kb() {
    std::istringstream file(read_file("/proc/self/statm"));
    long size = 0;
    long resident = 0;
    file >> size >> resident;
    return resident * (::sysconf(_SC_PAGESIZE) / 1024);
}

TEST_F(VmlinuxTest, agrees_with_addr2line) {
    std::mt19937 random(20251122); // NOLINT: the same places every time
    std::vector<uint64_t> addresses(400);
    for (uint64_t &address : addresses) {
        address = texts_[random() % texts_.size()].address + random() % 256;
    }
    const std::vector<Reference> expected = references(addresses);
    ASSERT_EQ(expected.size(), addresses.size());
    DwflSymboliser symboliser(options());
    size_t compared = 0;
    size_t other_file = 0;
    for (size_t i = 0; i < addresses.size(); i++) {
        const Location &place = symboliser.exact_address(addresses[i]);
        if (expected[i].line == "?") { // padding between functions
            EXPECT_EQ(place.file, "") << std::hex << addresses[i];
            continue;
        }
        compared++;
        EXPECT_EQ(place.inlined, expected[i].functions) << std::hex << addresses[i];
        EXPECT_EQ(std::to_string(place.line), expected[i].line) << std::hex << addresses[i];
        other_file += expected[i].file.ends_with(place.file) ? 0 : 1;
    }
    EXPECT_GE(compared, 300U);
    // Some versions of addr2line name the unit instead of the header for code of
    // tracepoints, and leave "../.." in paths.
    EXPECT_LE(other_file, compared / 50);
}

TEST_F(VmlinuxTest, first_lookup_opens_little) {
    const uint64_t address = address_of("ip_rcv");
    ASSERT_NE(address, 0U);
    const long before = resident_kb();
    const double start = cpu_ms();
    DwflSymboliser symboliser(options());
    EXPECT_LT(resident_kb() - before, 256);
    const Location &place = symboliser.exact_address(address);
    const double first = cpu_ms() - start;
    EXPECT_EQ(place.function, "ip_rcv");
    EXPECT_EQ(place.file, "net/ipv4/ip_input.c");
    // libdw by itself maps 125 MB for this.
    EXPECT_LT(resident_kb() - before, 40L * 1024);
    RecordProperty("first_lookup_us", static_cast<int>(first * 1000));
    const double again = cpu_ms();
    for (int i = 0; i < 1000; i++) {
        symboliser.exact_address(address);
    }
    EXPECT_LT(cpu_ms() - again, first);
}

TEST_F(VmlinuxTest, inlined_copies_are_found_everywhere) {
    if (address_of("dst_input") != 0) {
        GTEST_SKIP() << "dst_input() is a function of its own in this kernel";
    }
    DwflSymboliser symboliser(options());
    const auto ranges = symboliser.function_ranges("dst_input");
    std::map<std::string, size_t> holders;
    for (const auto &range : ranges) {
        const Location place = symboliser.exact_address(range.first);
        const auto &chain = place.inlined;
        EXPECT_NE(std::find(chain.begin(), chain.end(), "dst_input"), chain.end());
        holders[place.inlined.back()]++;
    }
    EXPECT_TRUE(holders.contains("ip_sublist_rcv_finish"));
    EXPECT_TRUE(holders.contains("ip6_rcv_finish"));
}

} // namespace
