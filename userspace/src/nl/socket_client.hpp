// SPDX-License-Identifier: GPL-2.0-only
// The Client on a real socket: its requests are in client.cpp, the reading of the
// stream in receive.cpp.
#pragma once

#include "nl/client.hpp"
#include "nl/request.hpp"
#include "nl/socket.hpp"
#include "nl/stream_reader.hpp"

#include <linux/droptrace.h>

#include <chrono>

namespace dropctl::nl {

/// When reading the stream is to pause although it has not ended.
struct Pause {
    int wake_fd;                                    ///< readable; -1: never
    std::chrono::steady_clock::time_point deadline; ///< max(): none
    /// Milliseconds until then, rounded up; -1: for ever.
    [[nodiscard]] int left_ms() const;
    [[nodiscard]] bool due() const;
};

class SocketClient final : public Client {
  public:
    SocketClient(std::unique_ptr<Socket> socket, int family)
        : socket_(std::move(socket)), family_(family) {}

    Result<Status> status() override;
    Result<uint32_t> add_filter(const Filter &filter, const FilterPrograms &programs) override;
    Result<void> delete_filter(uint32_t id) override;
    Result<void> delete_filter(const std::string &name) override;
    Result<void> delete_all_filters() override;
    Result<std::vector<Filter>> filters() override;
    Result<std::vector<Session>> sessions() override;
    Result<uint32_t> start_session(const SessionOptions &options) override;
    Result<void> stop_session() override;
    Result<std::vector<Counter>> counters(uint64_t &since_ns) override;
    Result<void> set_counting(bool enable, bool owned) override;
    Result<void> reset_counters() override;
    Result<uint32_t> add_trace(const TraceRequest &options) override;
    Result<void> add_points(uint32_t trace, const TracePoints &points) override;
    Result<std::vector<PointRefusal>> arm_points(uint32_t trace, bool partial) override;
    Result<void> keep_trace(uint32_t id) override;
    Result<void> delete_trace(uint32_t id) override;
    Result<void> delete_all_traces() override;
    Result<std::vector<TraceInfo>> traces() override;
    Result<std::vector<PointInfo>> points() override;
    Result<bool> receive(Stream &stream, int wake_fd, int timeout_ms) override;
    [[nodiscard]] uint64_t decode_errors() const override { return reader_.decode_errors(); }

  private:
    Request request(uint8_t command, Request::Kind kind = Request::Kind::Do,
                    size_t space = 1024) const {
        return {family_, DROPTRACE_GENL_VERSION, command, kind, space};
    }
    /// A request without a reply of interest.
    Result<void> simple(const std::string &what, const Request &request);
    /// Read a whole list, again if it changed meanwhile.
    template <typename Start, typename Row>
    Result<void> dump(const std::string &what, uint8_t command, Start start, Row row);
    template <typename Item>
    Result<std::vector<Item>> list(const std::string &what, uint8_t command,
                                   bool (*decoder)(Bytes, Item &));
    StreamReader::State read_queued(Stream &stream);
    Result<StreamReader::State> read_arrived(Stream &stream, const Pause &pause);
    Result<bool> still_there(Stream &stream);

    std::unique_ptr<Socket> socket_;
    int family_;
    StreamReader reader_;
    bool overrun_ = false; ///< the socket was full since the session was last heard of
};

} // namespace dropctl::nl
