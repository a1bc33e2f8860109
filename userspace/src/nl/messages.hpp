// SPDX-License-Identifier: GPL-2.0-only
// Walking the netlink messages of one datagram, and what an error message says.
// Bounds-checked like attributes.hpp, and as little trusting.
#pragma once

#include "nl/attributes.hpp"

#include <cstdint>
#include <string>

namespace dropctl::nl {

/// One message of a datagram. Points into it.
struct Message {
    nlmsghdr header{};
    Bytes whole;   ///< with the header
    Bytes payload; ///< behind it

    /// Generic netlink's command, 0 if the message has none.
    [[nodiscard]] uint8_t command() const;
    /// What stands behind the generic netlink header.
    [[nodiscard]] Bytes attributes() const;
};

/// Iterates over the messages in a datagram; ends early where the bytes make no sense.
class Messages {
  public:
    explicit Messages(Bytes datagram) : left_(datagram) {}
    bool next(Message &message);

  private:
    Bytes left_;
};

/// How the kernel answered a request.
struct Answer {
    int error = 0;            ///< errno, 0: done
    std::string text;         ///< the kernel's own words, may be empty
    uint32_t offset = 0;      ///< in the request, of the attribute to blame; 0: none
    uint32_t missing = 0;     ///< type of an attribute that was missing; 0: none
    bool interrupted = false; ///< what was dumped changed meanwhile
};

/// Decode the payload of NLMSG_ERROR.
Answer read_answer(const Message &message);
/// Decode the payload of NLMSG_DONE, which may carry an error too.
Answer read_done(const Message &message);

} // namespace dropctl::nl
