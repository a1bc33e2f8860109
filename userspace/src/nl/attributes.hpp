// SPDX-License-Identifier: GPL-2.0-only
// Walking netlink attributes in bytes that may be anything: every length is
// checked against what is really there before a byte is read.
#pragma once

#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace dropctl::nl {

using Bytes = std::span<const uint8_t>;

/// One attribute. Points into the message.
struct Attribute {
    uint16_t type = 0; ///< without the NESTED and BYTEORDER flags
    Bytes data;
};

/// Iterates over the attributes in `bytes`.
class Attributes {
  public:
    explicit Attributes(Bytes bytes) : at_(bytes.data()), left_(bytes.size()) {}

    /// The next attribute. False at the end and where the bytes make no sense;
    /// broken() tells which.
    bool next(Attribute &attribute) {
        nlattr header{};
        if (left_ < sizeof(header)) {
            return false;
        }
        std::memcpy(&header, at_, sizeof(header));
        if (header.nla_len < sizeof(header) || header.nla_len > left_) {
            return false;
        }
        attribute.type = static_cast<uint16_t>(header.nla_type & NLA_TYPE_MASK);
        attribute.data = {at_ + sizeof(header), header.nla_len - sizeof(header)};
        // The last one need not be padded.
        size_t step = NLA_ALIGN(size_t{header.nla_len});
        step = step < left_ ? step : left_;
        at_ += step;
        left_ -= step;
        return true;
    }

    /// Bytes are left that are no attribute.
    [[nodiscard]] bool broken() const { return left_ != 0; }

  private:
    const uint8_t *at_;
    size_t left_;
};

/// An integer. False if the attribute is too short for it.
template <typename Integer> bool read(Bytes data, Integer &value) {
    static_assert(std::is_integral_v<Integer>);
    if (data.size() < sizeof(value)) {
        return false;
    }
    std::memcpy(&value, data.data(), sizeof(value));
    return true;
}

/// A string, up to its NUL if it has one.
inline std::string_view read_string(Bytes data) {
    const auto *text = reinterpret_cast<const char *>(data.data());
    return {text, data.empty() ? 0 : strnlen(text, data.size())};
}

/// An array of integers. False if it is no whole number of them.
template <typename Integer> bool read_array(Bytes data, std::vector<Integer> &values) {
    if (data.size() % sizeof(Integer) != 0) {
        return false;
    }
    // Most have one element or a few; the bytes need not be aligned.
    values.clear();
    for (size_t at = 0; at < data.size(); at += sizeof(Integer)) {
        Integer value{};
        std::memcpy(&value, data.data() + at, sizeof(value));
        values.push_back(value);
    }
    return true;
}

} // namespace dropctl::nl
