// SPDX-License-Identifier: GPL-2.0-only
// From the messages of a session to calls of a Stream: pure, so that a test or a
// fuzzer can feed it bytes.
#pragma once

#include "model.hpp"
#include "nl/client.hpp"
#include "nl/messages.hpp"

#include <cstdint>

namespace dropctl::nl {

class StreamReader {
  public:
    enum class State {
        GoOn,
        Enough, ///< the Stream wants no more; the rest of the datagram is dropped
        Ended,  ///< the session's last message was read
    };

    /// Start with the session of this id; messages of others are skipped.
    void begin(uint32_t session) { session_ = session; }
    [[nodiscard]] uint32_t session() const { return session_; }

    /// Hand over all that a datagram holds.
    State read(Bytes datagram, Stream &stream);

    /// Messages and events that could not be decoded, and were not handed over.
    [[nodiscard]] uint64_t decode_errors() const { return decode_errors_; }

  private:
    State message(const Message &message, Stream &stream);
    State events(Bytes attributes, Stream &stream);
    State end(Bytes attributes, Stream &stream);
    State other(const Attribute &attribute, Stream &stream);

    uint32_t session_ = 0;
    uint64_t decode_errors_ = 0;
    Event event_;     ///< used again for every event
    PathChunk chunk_; ///< the same for paths
};

} // namespace dropctl::nl
