// SPDX-License-Identifier: GPL-2.0-only
// A generic netlink socket: connected, with a receive buffer for floods, and with
// the kernel's explanations switched on. Sends one request and collects the
// answer; whatever the kernel sends unasked meanwhile is kept for whoever reads
// the stream, in order.
#pragma once

#include "nl/messages.hpp"
#include "nl/request.hpp"
#include "util/result.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

struct nl_sock;

namespace dropctl::nl {

class Socket {
  public:
    /// What one attempt to receive came to.
    enum class Received {
        Datagram,
        Nothing, ///< none there now
        Overrun, ///< the kernel found the socket full once; nothing was taken
        Failed,  ///< error() tells
    };

    /// Called with each reply to a request. Errors are told by the answer.
    using Reply = std::function<void(const Message &)>;

    static Result<std::unique_ptr<Socket>> open();

    /// Send a request and wait for its answer. Nothing of the stream is lost
    /// meanwhile: see queued(). ETIMEDOUT: the answer itself was lost, because the
    /// stream had filled the socket; what the request asked for may have happened.
    Answer transact(const Request &request, const Reply &reply);

    /// The next datagram, without waiting. The bytes are good until the next call.
    Received receive(Bytes &datagram);
    /// Oldest message that came during a transaction; false if there is none.
    bool queued(std::vector<uint8_t> &datagram);

    [[nodiscard]] int fd() const;
    [[nodiscard]] int error() const { return error_; }

  private:
    struct Free {
        void operator()(nl_sock *socket) const;
    };

    Socket();
    int connect();
    void drain();
    bool await(uint32_t sequence, const Reply &reply, Answer &answer);
    bool take(Bytes datagram, uint32_t sequence, const Reply &reply, Answer &answer);
    Received receive_into(uint8_t *buffer, Bytes &datagram);

    std::unique_ptr<nl_sock, Free> socket_;
    // Two buffers, so that a request may be made while a datagram of the stream is
    // being worked on.
    std::unique_ptr<uint8_t[]> stream_buffer_;
    std::unique_ptr<uint8_t[]> reply_buffer_;
    std::deque<std::vector<uint8_t>> queue_;
    int error_ = 0;
};

} // namespace dropctl::nl
