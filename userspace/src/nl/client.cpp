// SPDX-License-Identifier: GPL-2.0-only
// Every request is a few attributes, one transaction and one decoder.
#include "nl/client.hpp"

#include "nl/counter_table.hpp"
#include "nl/decode.hpp"
#include "nl/errors.hpp"
#include "nl/family.hpp"
#include "nl/filter_request.hpp"
#include "nl/socket_client.hpp"
#include "nl/trace_request.hpp"

#include <algorithm>
#include <cerrno>

namespace dropctl::nl {

namespace {

// A list that changes while it is read is read again; after so many times it is taken as it is.
constexpr int attempts = 5;

} // namespace

Result<void> SocketClient::simple(const std::string &what, const Request &request) {
    const Answer answer = socket_->transact(request, {});
    if (answer.error != 0) {
        return refused(what, request, answer);
    }
    return {};
}

template <typename Start, typename Row>
Result<void> SocketClient::dump(const std::string &what, uint8_t command, Start start, Row row) {
    for (int attempt = 1;; ++attempt) {
        start();
        const Request request = this->request(command, Request::Kind::Dump);
        bool sound = true;
        const Answer answer = socket_->transact(
            request, [&](const Message &message) { sound = row(message.attributes()) && sound; });
        const bool again = answer.interrupted || answer.error == ETIMEDOUT;
        if (again && attempt < attempts) {
            continue;
        }
        if (answer.error != 0) {
            return refused(what, request, answer);
        }
        if (!sound) {
            return Error{what, "the module sent a list that this dropctl cannot read"};
        }
        return {};
    }
}

template <typename Item>
Result<std::vector<Item>> SocketClient::list(const std::string &what, uint8_t command,
                                             bool (*decoder)(Bytes, Item &)) {
    std::vector<Item> items;
    const auto row = [&](Bytes bytes) { return decoder(bytes, items.emplace_back()); };
    auto read = dump(
        what, command, [&] { items.clear(); }, row);
    if (!read) {
        return read.error();
    }
    return items;
}

Result<Status> SocketClient::status() {
    const Request request = this->request(DROPTRACE_CMD_STATUS_GET);
    Status status;
    bool sound = false;
    const Answer answer = socket_->transact(request, [&](const Message &message) {
        sound = decode::status(message.attributes(), status);
    });
    if (answer.error != 0) {
        return refused("status", request, answer);
    }
    if (!sound) {
        return Error{"status", "the module sent an answer that this dropctl cannot read"};
    }
    return status;
}

Result<uint32_t> SocketClient::add_filter(const Filter &filter, const FilterPrograms &programs) {
    Request request =
        this->request(DROPTRACE_CMD_FILTER_ADD, Request::Kind::Do, filter_space(filter, programs));
    put_filter(request, filter, programs);
    uint32_t id = 0;
    const Answer answer = socket_->transact(
        request, [&](const Message &message) { id = decode::filter_id(message.attributes()); });
    if (answer.error != 0) {
        return refused("add-filter", request, answer);
    }
    return id;
}

Result<void> SocketClient::delete_filter(uint32_t id) {
    return simple("del-filter", request(DROPTRACE_CMD_FILTER_DEL).put(DROPTRACE_A_FILTER_ID, id));
}

Result<void> SocketClient::delete_filter(const std::string &name) {
    return simple("del-filter",
                  request(DROPTRACE_CMD_FILTER_DEL).put(DROPTRACE_A_FILTER_NAME, name));
}

Result<void> SocketClient::delete_all_filters() {
    return simple("del-filter", request(DROPTRACE_CMD_FILTER_DEL).put_flag(DROPTRACE_A_FILTER_ALL));
}

Result<std::vector<Filter>> SocketClient::filters() {
    return list<Filter>("list-filters", DROPTRACE_CMD_FILTER_GET, decode::filter);
}

Result<std::vector<Session>> SocketClient::sessions() {
    return list<Session>("status", DROPTRACE_CMD_SESSION_GET, decode::session);
}

Result<uint32_t> SocketClient::start_session(const SessionOptions &options) {
    Request request = this->request(DROPTRACE_CMD_SESSION_START);
    if (options.ring_size != 0) {
        request.put(DROPTRACE_A_SESSION_RING_SIZE, options.ring_size);
    }
    if (options.snaplen) {
        request.put(DROPTRACE_A_SESSION_SNAPLEN, *options.snaplen);
    }
    if (options.stack_depth != 0) {
        request.put(DROPTRACE_A_SESSION_STACK_DEPTH, options.stack_depth);
    }
    if (!options.filters.empty()) {
        request.put_array<uint32_t>(DROPTRACE_A_SESSION_FILTERS, options.filters);
    }
    if (options.paths) {
        request.put_array<uint32_t>(DROPTRACE_A_SESSION_PATHS, *options.paths);
    }
    uint32_t id = 0;
    const Answer answer = socket_->transact(
        request, [&](const Message &message) { id = decode::session_id(message.attributes()); });
    if (answer.error != 0) {
        return refused("monitor", request, answer);
    }
    reader_.begin(id);
    overrun_ = false;
    return id;
}

Result<void> SocketClient::stop_session() {
    for (int attempt = 1;; ++attempt) {
        const Request request = this->request(DROPTRACE_CMD_SESSION_STOP);
        const Answer answer = socket_->transact(request, {});
        if (answer.error == 0) {
            return {};
        }
        // Its answer can be lost to the flood that it is to end. If the first attempt
        // worked, the second finds no session.
        const bool lost = answer.error == ETIMEDOUT && attempt < attempts;
        if (!lost) {
            return attempt > 1 ? Result<void>{} : refused("monitor", request, answer);
        }
    }
}

Result<std::vector<Counter>> SocketClient::counters(uint64_t &since_ns) {
    CounterTable table;
    Counter row;
    auto read = dump(
        "top", DROPTRACE_CMD_COUNTER_GET, [&] { table.clear(); },
        [&](Bytes bytes) {
            if (!decode::counter(bytes, row, since_ns)) {
                return false;
            }
            // A message that tells only for how long has been counted is no row.
            if (row.packets != 0) {
                table.add(row);
            }
            return true;
        });
    if (!read) {
        return read.error();
    }
    return table.rows();
}

Result<void> SocketClient::set_counting(bool enable, bool owned) {
    Request request = this->request(DROPTRACE_CMD_COUNTER_SET);
    request.put(DROPTRACE_A_COUNTER_ENABLE, static_cast<uint8_t>(enable ? 1 : 0));
    if (owned) {
        request.put_flag(DROPTRACE_A_COUNTER_OWNED);
    }
    return simple("top", request);
}

Result<void> SocketClient::reset_counters() {
    return simple("top", request(DROPTRACE_CMD_COUNTER_SET).put_flag(DROPTRACE_A_COUNTER_RESET));
}

Result<uint32_t> SocketClient::add_trace(const TraceRequest &options) {
    constexpr size_t others = 1024;
    Request request =
        this->request(DROPTRACE_CMD_TRACE_ADD, Request::Kind::Do, others + options.spec.size());
    put_trace(request, options);
    uint32_t id = 0;
    const Answer answer = socket_->transact(
        request, [&](const Message &message) { id = decode::trace_id(message.attributes()); });
    if (answer.error != 0) {
        return refused("trace", request, answer);
    }
    return id;
}

Result<void> SocketClient::add_points(uint32_t trace, const TracePoints &points) {
    for (const TracePoints &batch : split_points(points)) {
        Request request =
            this->request(DROPTRACE_CMD_POINT_ADD, Request::Kind::Do, points_space(batch));
        put_points(request, trace, batch);
        if (auto added = simple("trace", request); !added) {
            return added;
        }
    }
    return {};
}

Result<std::vector<PointRefusal>> SocketClient::arm_points(uint32_t trace, bool partial) {
    Request request = this->request(DROPTRACE_CMD_POINT_ARM);
    request.put(DROPTRACE_A_TRACE_ID, trace);
    if (partial) {
        request.put_flag(DROPTRACE_A_TRACE_PARTIAL);
    }
    std::vector<PointRefusal> refusals;
    const Answer answer = socket_->transact(
        request, [&](const Message &message) { decode::refusals(message.attributes(), refusals); });
    if (answer.error != 0) {
        return refused("trace", request, answer);
    }
    return refusals;
}

Result<void> SocketClient::keep_trace(uint32_t id) {
    return simple("add-probe", request(DROPTRACE_CMD_POINT_ARM)
                                   .put(DROPTRACE_A_TRACE_ID, id)
                                   .put_flag(DROPTRACE_A_TRACE_KEEP));
}

Result<void> SocketClient::delete_trace(uint32_t id) {
    return simple("del-probe", request(DROPTRACE_CMD_TRACE_DEL).put(DROPTRACE_A_TRACE_ID, id));
}

Result<void> SocketClient::delete_all_traces() {
    return simple("del-probe", request(DROPTRACE_CMD_TRACE_DEL).put_flag(DROPTRACE_A_TRACE_ALL));
}

Result<std::vector<TraceInfo>> SocketClient::traces() {
    return list<TraceInfo>("list-probes", DROPTRACE_CMD_TRACE_GET, decode::trace);
}

Result<std::vector<PointInfo>> SocketClient::points() {
    return list<PointInfo>("list-probes", DROPTRACE_CMD_POINT_GET, decode::point);
}

Result<std::unique_ptr<Client>> Client::open() {
    auto socket = Socket::open();
    if (!socket) {
        return socket.error();
    }
    auto family = resolve_family(**socket);
    if (!family) {
        return family.error();
    }
    return std::unique_ptr<Client>(new SocketClient(std::move(*socket), *family));
}

} // namespace dropctl::nl
