// SPDX-License-Identifier: GPL-2.0-only
// Building a generic netlink request. A message that is too small for what is put
// into it is a programming error and throws.
#pragma once

#include <netlink/msg.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace dropctl::nl {

class Request {
  public:
    /// What the kernel is to do about it.
    enum class Kind { Do, Dump };

    /// @param space bytes for the attributes
    Request(int family, uint8_t version, uint8_t command, Kind kind = Kind::Do,
            size_t space = 1024);

    Request &put(int attribute, uint8_t value);
    Request &put(int attribute, uint32_t value);
    Request &put(int attribute, uint64_t value);
    /// With the NUL that the kernel's policies ask for.
    Request &put(int attribute, const std::string &value);
    Request &put_flag(int attribute);
    template <typename Element> Request &put_array(int attribute, std::span<const Element> values) {
        return put_bytes(attribute, values.data(), values.size_bytes());
    }

    [[nodiscard]] nl_msg *message() const { return message_.get(); }
    /// The message as it was sent, to find what an error's offset points at.
    [[nodiscard]] std::span<const uint8_t> bytes() const;
    [[nodiscard]] uint8_t command() const { return command_; }

  private:
    struct Free {
        void operator()(nl_msg *message) const { nlmsg_free(message); }
    };

    Request &put_bytes(int attribute, const void *data, size_t size);

    std::unique_ptr<nl_msg, Free> message_;
    uint8_t command_;
};

} // namespace dropctl::nl
