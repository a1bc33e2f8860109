// SPDX-License-Identifier: GPL-2.0-only
// Reading a session's stream. In a flood this is a loop of recvfrom(2) and
// decoding, with a look at clock and signals now and then; when it has caught up,
// a poll(2). A socket that was full is no loss: the module sends again what did
// not fit. But the session's last message may be among what never came, so a
// session that is silent after that is asked for.
#include "nl/errors.hpp"
#include "nl/socket_client.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <poll.h>

namespace dropctl::nl {

namespace {

using Clock = std::chrono::steady_clock;
using State = StreamReader::State;

// Datagrams between two looks at the clock and at wake_fd, in a stream that never pauses.
constexpr unsigned look_up = 16;
// How long a session may be silent after the socket was full before it is asked for.
constexpr int silence_ms = 1000;

bool readable(int fd) {
    pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
    return fd >= 0 && poll(&wait, 1, 0) > 0;
}

} // namespace

int Pause::left_ms() const {
    if (deadline == Clock::time_point::max()) {
        return -1;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    return static_cast<int>(std::clamp<int64_t>(left, 0, std::numeric_limits<int>::max()));
}

bool Pause::due() const {
    return readable(wake_fd) || left_ms() == 0;
}

/// What came while a request was waiting for its answer.
State SocketClient::read_queued(Stream &stream) {
    std::vector<uint8_t> queued;
    State state = State::GoOn;
    while (state == State::GoOn && socket_->queued(queued)) {
        state = reader_.read(queued, stream);
    }
    return state;
}

/// Hand over all that has arrived. GoOn: that was all, or a pause is due.
Result<State> SocketClient::read_arrived(Stream &stream, const Pause &pause) {
    Bytes datagram;
    for (unsigned taken = 1;; ++taken) {
        // Each time: the stream may make requests of its own.
        State state = read_queued(stream);
        if (state != State::GoOn) {
            return state;
        }
        switch (socket_->receive(datagram)) {
        case Socket::Received::Datagram:
            state = reader_.read(datagram, stream);
            break;
        case Socket::Received::Nothing:
            return State::GoOn;
        case Socket::Received::Overrun:
            overrun_ = true;
            break;
        case Socket::Received::Failed:
            return Error{"", std::string("netlink socket: ") + std::strerror(socket_->error())};
        }
        if (state != State::GoOn || (taken % look_up == 0 && pause.due())) {
            return state;
        }
    }
}

/// The session has been silent after the socket was full: is it still there?
Result<bool> SocketClient::still_there(Stream &stream) {
    overrun_ = false;
    const auto all = sessions();
    if (!all) {
        return all.error();
    }
    const auto ours = [this](const Session &session) { return session.id == reader_.session(); };
    if (std::any_of(all->begin(), all->end(), ours)) {
        return true;
    }
    stream.end({});
    return false;
}

Result<bool> SocketClient::receive(Stream &stream, int wake_fd, int timeout_ms) {
    const auto deadline = timeout_ms < 0 ? Clock::time_point::max()
                                         : Clock::now() + std::chrono::milliseconds(timeout_ms);
    const Pause pause{.wake_fd = wake_fd, .deadline = deadline};
    for (;;) {
        const auto state = read_arrived(stream, pause);
        if (!state) {
            return state.error();
        }
        if (*state != State::GoOn) {
            return *state == State::Enough;
        }
        stream.idle();
        int wait_ms = pause.left_ms();
        if (wait_ms == 0) {
            return true;
        }
        if (overrun_) {
            wait_ms = wait_ms < 0 ? silence_ms : std::min(wait_ms, silence_ms);
        }
        std::array<pollfd, 2> wait{pollfd{.fd = socket_->fd(), .events = POLLIN, .revents = 0},
                                   pollfd{.fd = wake_fd, .events = POLLIN, .revents = 0}};
        const int ready = poll(wait.data(), wait.size(), wait_ms);
        if (wait[1].revents != 0) {
            return true;
        }
        if (ready == 0 && overrun_) {
            auto there = still_there(stream);
            if (!there || !*there) {
                return there;
            }
        }
    }
}

} // namespace dropctl::nl
