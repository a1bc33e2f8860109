// SPDX-License-Identifier: GPL-2.0-only
#include "nl/socket.hpp"

#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>

namespace dropctl::nl {

namespace {

// The module's messages have 32 KiB at most, a dump's datagram as much.
constexpr size_t buffer_size = size_t{128} * 1024;
// Room for what arrives while the terminal is slow; beyond it the module waits, and its ring fills.
constexpr int receive_room = 8 << 20;
// An answer is there when sendmsg(2) returns, unless it was lost.
constexpr int answer_wait_ms = 1000;

} // namespace

void Socket::Free::operator()(nl_sock *socket) const {
    nl_socket_free(socket);
}

Socket::Socket()
    : socket_(nl_socket_alloc()), stream_buffer_(new uint8_t[buffer_size]),
      reply_buffer_(new uint8_t[buffer_size]) {}

int Socket::fd() const {
    return nl_socket_get_fd(socket_.get());
}

int Socket::connect() {
    const int err = genl_connect(socket_.get());
    if (err < 0) {
        return err;
    }
    const int one = 1;
    // Old kernels lack these: then errors are plain numbers.
    setsockopt(fd(), SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
    setsockopt(fd(), SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
    if (setsockopt(fd(), SOL_SOCKET, SO_RCVBUFFORCE, &receive_room, sizeof(receive_room)) < 0) {
        setsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &receive_room, sizeof(receive_room));
    }
    return 0;
}

Result<std::unique_ptr<Socket>> Socket::open() {
    std::unique_ptr<Socket> socket(new Socket);
    if (!socket->socket_) {
        return Error{"", "no memory for a netlink socket"};
    }
    const int err = socket->connect();
    if (err < 0) {
        return Error{"", std::string("cannot open a netlink socket: ") + nl_geterror(err)};
    }
    return socket;
}

Socket::Received Socket::receive_into(uint8_t *buffer, Bytes &datagram) {
    for (;;) {
        sockaddr_nl from{};
        socklen_t length = sizeof(from);
        const ssize_t size = recvfrom(fd(), buffer, buffer_size, MSG_DONTWAIT,
                                      reinterpret_cast<sockaddr *>(&from), &length);
        if (size >= 0) {
            if (from.nl_pid != 0) {
                continue; // not from the kernel
            }
            datagram = {buffer, static_cast<size_t>(size)};
            return Received::Datagram;
        }
        if (errno == EINTR) {
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return Received::Nothing;
        }
        if (errno == ENOBUFS) {
            return Received::Overrun;
        }
        error_ = errno;
        return Received::Failed;
    }
}

Socket::Received Socket::receive(Bytes &datagram) {
    return receive_into(stream_buffer_.get(), datagram);
}

bool Socket::queued(std::vector<uint8_t> &datagram) {
    if (queue_.empty()) {
        return false;
    }
    datagram = std::move(queue_.front());
    queue_.pop_front();
    return true;
}

/// Make room for the answer: it is lost if the socket is full when it comes.
void Socket::drain() {
    Answer none;
    size_t taken = 0;
    Bytes datagram;
    // The limit ends a race with a module that sends as fast as this can read.
    while (taken < 2 * size_t{receive_room}) {
        const Received received = receive_into(reply_buffer_.get(), datagram);
        if (received == Received::Nothing || received == Received::Failed) {
            return;
        }
        if (received == Received::Datagram) {
            taken += datagram.size();
            take(datagram, 0, {}, none);
        }
    }
}

/// Work through a datagram: the answer to `sequence`, and the stream's messages.
/// True when the answer was complete.
bool Socket::take(Bytes datagram, uint32_t sequence, const Reply &reply, Answer &answer) {
    bool done = false;
    Messages messages(datagram);
    Message message;
    while (messages.next(message)) {
        if (message.header.nlmsg_seq == 0 && message.header.nlmsg_type >= NLMSG_MIN_TYPE) {
            queue_.emplace_back(message.whole.begin(), message.whole.end());
            continue;
        }
        if (sequence == 0 || message.header.nlmsg_seq != sequence) {
            continue; // the late answer to a request that was given up
        }
        const bool interrupted =
            answer.interrupted || (message.header.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
        if (message.header.nlmsg_type == NLMSG_ERROR) {
            answer = read_answer(message);
            done = true;
        } else if (message.header.nlmsg_type == NLMSG_DONE) {
            answer = read_done(message);
            done = true;
        } else if (message.header.nlmsg_type >= NLMSG_MIN_TYPE && reply) {
            reply(message);
        }
        answer.interrupted = answer.interrupted || interrupted;
    }
    return done;
}

/// Receive until the answer is complete. False if it does not come.
bool Socket::await(uint32_t sequence, const Reply &reply, Answer &answer) {
    for (;;) {
        Bytes datagram;
        switch (receive_into(reply_buffer_.get(), datagram)) {
        case Received::Datagram:
            if (take(datagram, sequence, reply, answer)) {
                return true;
            }
            break;
        case Received::Nothing: {
            pollfd wait{.fd = fd(), .events = POLLIN, .revents = 0};
            if (poll(&wait, 1, answer_wait_ms) == 0) {
                return false;
            }
            break;
        }
        case Received::Overrun:
            break; // the answer may be lost, or behind what is still to be read
        case Received::Failed:
            answer.error = error_;
            return true;
        }
    }
}

Answer Socket::transact(const Request &request, const Reply &reply) {
    drain();
    // A new sequence number each time: a late answer to an attempt before is not this one's.
    nlmsghdr *header = nlmsg_hdr(request.message());
    header->nlmsg_seq = NL_AUTO_SEQ;
    Answer answer;
    const int err = nl_send_auto(socket_.get(), request.message());
    if (err < 0) {
        answer.error = EIO;
        answer.text = nl_geterror(err);
    } else if (!await(header->nlmsg_seq, reply, answer)) {
        answer.error = ETIMEDOUT;
        answer.text = "the kernel's answer was lost";
    }
    return answer;
}

} // namespace dropctl::nl
