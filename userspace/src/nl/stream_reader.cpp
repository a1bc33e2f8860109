// SPDX-License-Identifier: GPL-2.0-only
#include "nl/stream_reader.hpp"

#include "nl/decode.hpp"

#include <linux/droptrace.h>

namespace dropctl::nl {

StreamReader::State StreamReader::read(Bytes datagram, Stream &stream) {
    Messages messages(datagram);
    Message message;
    while (messages.next(message)) {
        // Replies and acknowledgements have a sequence number, and are not for us.
        if (message.header.nlmsg_seq != 0 || message.header.nlmsg_type < NLMSG_MIN_TYPE) {
            continue;
        }
        const State state = this->message(message, stream);
        if (state != State::GoOn) {
            return state;
        }
    }
    return State::GoOn;
}

StreamReader::State StreamReader::message(const Message &message, Stream &stream) {
    switch (message.command()) {
    case DROPTRACE_CMD_SESSION_NTF:
        return events(message.attributes(), stream);
    case DROPTRACE_CMD_SESSION_END_NTF:
        return end(message.attributes(), stream);
    default:
        return State::GoOn;
    }
}

StreamReader::State StreamReader::events(Bytes bytes, Stream &stream) {
    Attributes attributes(bytes);
    Attribute attribute;
    while (attributes.next(attribute)) {
        if (attribute.type == DROPTRACE_A_SESSION_EVENT) {
            if (!decode::event(attribute.data, event_)) {
                ++decode_errors_;
            } else if (!stream.event(event_)) {
                return State::Enough;
            }
        } else if (attribute.type == DROPTRACE_A_SESSION_ID) {
            uint32_t id = 0;
            if (!nl::read(attribute.data, id) || id != session_) {
                return State::GoOn; // of a session before this one, on the same socket
            }
        } else if (attribute.type == DROPTRACE_A_SESSION_LOSS) {
            Loss loss;
            if (decode::loss(attribute.data, loss)) {
                stream.loss(loss);
            } else {
                ++decode_errors_;
            }
        } else if (other(attribute, stream) == State::Enough) {
            return State::Enough;
        }
    }
    decode_errors_ += attributes.broken() ? 1 : 0;
    return State::GoOn;
}

/// What a stream brings beside drops.
StreamReader::State StreamReader::other(const Attribute &attribute, Stream &stream) {
    if (attribute.type == DROPTRACE_A_SESSION_PATH) {
        if (!decode::path(attribute.data, chunk_)) {
            ++decode_errors_;
        } else if (!stream.path(chunk_)) {
            return State::Enough;
        }
    } else if (attribute.type == DROPTRACE_A_SESSION_GONE) {
        PointsGone gone;
        if (decode::gone(attribute.data, gone)) {
            stream.gone(gone);
        } else {
            ++decode_errors_;
        }
    }
    return State::GoOn;
}

StreamReader::State StreamReader::end(Bytes attributes, Stream &stream) {
    if (decode::session_id(attributes) != session_) {
        return State::GoOn;
    }
    SessionEnd end;
    if (!decode::session_end(attributes, end)) {
        ++decode_errors_;
    }
    stream.end(end);
    return State::Ended;
}

} // namespace dropctl::nl
