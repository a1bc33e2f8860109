// SPDX-License-Identifier: GPL-2.0-only
// Walks the types of a BTF file, one record after the other; their layout is in
// linux/btf.h. Lengths are checked: the file may come from anywhere in tests.
#include "symbols/btf_enums.hpp"

#include <array>
#include <cstring>
#include <fcntl.h>
#include <linux/btf.h>
#include <unistd.h>

namespace dropctl::symbols {

namespace {

constexpr uint16_t magic = 0xeb9f;
constexpr size_t no_size = SIZE_MAX;

template <typename Record> Record record_at(std::string_view bytes, size_t at) {
    Record record{};
    std::memcpy(&record, bytes.data() + at, sizeof(record));
    return record;
}

/// Bytes that follow a type of this kind; no_size if the kind is not known, and
/// with it the way to the next one.
size_t tail_size(uint32_t kind, size_t count) {
    switch (kind) {
    case BTF_KIND_INT:
    case BTF_KIND_VAR:
    case BTF_KIND_DECL_TAG:
        return sizeof(uint32_t);
    case BTF_KIND_ARRAY:
        return sizeof(btf_array);
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
        return count * sizeof(btf_member);
    case BTF_KIND_ENUM:
        return count * sizeof(btf_enum);
    case BTF_KIND_FUNC_PROTO:
        return count * sizeof(btf_param);
    case BTF_KIND_DATASEC:
        return count * sizeof(btf_var_secinfo);
    case BTF_KIND_ENUM64:
        return count * sizeof(btf_enum64);
    default:
        return kind <= BTF_KIND_MAX ? 0 : no_size;
    }
}

} // namespace

std::optional<BtfBlob> BtfBlob::read(const std::string &path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return std::nullopt;
    }
    std::string bytes;
    const off_t size = ::lseek(fd, 0, SEEK_END);
    ::lseek(fd, 0, SEEK_SET);
    bytes.reserve(size > 0 ? static_cast<size_t>(size) : 0);
    std::array<char, 16384> block{};
    for (ssize_t got = 0; (got = ::read(fd, block.data(), block.size())) > 0;) {
        bytes.append(block.data(), static_cast<size_t>(got));
    }
    ::close(fd);
    return parse(std::move(bytes));
}

std::optional<BtfBlob> BtfBlob::parse(std::string bytes) {
    if (bytes.size() < sizeof(btf_header)) {
        return std::nullopt;
    }
    const auto header = record_at<btf_header>(bytes, 0);
    const auto holds = [&](uint64_t offset, uint64_t length) {
        return header.hdr_len + offset + length <= bytes.size();
    };
    if (header.magic != magic || !holds(header.type_off, header.type_len) ||
        !holds(header.str_off, header.str_len) || header.str_len == 0 ||
        bytes[header.hdr_len + header.str_off + header.str_len - 1] != '\0') {
        return std::nullopt;
    }
    return BtfBlob(std::move(bytes));
}

std::string_view BtfBlob::types() const {
    const auto header = record_at<btf_header>(bytes_, 0);
    return std::string_view(bytes_).substr(header.hdr_len + header.type_off, header.type_len);
}

std::string_view BtfBlob::strings() const {
    const auto header = record_at<btf_header>(bytes_, 0);
    return std::string_view(bytes_).substr(header.hdr_len + header.str_off, header.str_len);
}

std::string_view BtfBlob::text(uint32_t offset, const BtfBlob *base) const {
    std::string_view all = strings();
    if (base != nullptr) {
        const std::string_view first = base->strings();
        if (offset < first.size()) {
            return {first.data() + offset};
        }
        offset -= static_cast<uint32_t>(first.size());
    }
    return offset < all.size() ? std::string_view(all.data() + offset) : std::string_view();
}

std::vector<BtfEnum> BtfBlob::enums(const std::function<bool(std::string_view)> &wanted,
                                    const BtfBlob *base) const {
    std::vector<BtfEnum> found;
    std::string_view rest = types();
    while (rest.size() >= sizeof(btf_type)) {
        const auto type = record_at<btf_type>(rest, 0);
        const uint32_t count = BTF_INFO_VLEN(type.info);
        const size_t tail = tail_size(BTF_INFO_KIND(type.info), count);
        if (tail > rest.size() - sizeof(btf_type)) {
            break;
        }
        if (BTF_INFO_KIND(type.info) == BTF_KIND_ENUM && wanted(text(type.name_off, base))) {
            BtfEnum &added = found.emplace_back();
            added.name = text(type.name_off, base);
            for (size_t i = 0; i < count; i++) {
                const auto value =
                    record_at<btf_enum>(rest, sizeof(btf_type) + i * sizeof(btf_enum));
                added.values.push_back({.name = std::string(text(value.name_off, base)),
                                        .value = static_cast<uint32_t>(value.val)});
            }
        }
        rest.remove_prefix(sizeof(btf_type) + tail);
    }
    return found;
}

} // namespace dropctl::symbols
