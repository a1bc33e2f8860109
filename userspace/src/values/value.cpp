// SPDX-License-Identifier: GPL-2.0-only
// Decodes bytes: the layout says what is there, the type what it is, the name
// what it means.
#include "values/value.hpp"

#include "util/escape.hpp"
#include "values/display.hpp"
#include "values/prototype.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace dropctl::values {

namespace {

constexpr unsigned struct_depth = 2;
constexpr size_t members_most = 16; ///< of a struct, in text
constexpr size_t elements_most = 16;
constexpr uint64_t least_error = static_cast<uint64_t>(-4095);

Value text_value(std::string text) {
    return {.data = text, .text = text};
}

Value nothing(const std::string &note) {
    return {.text = "(" + note + ")", .note = note};
}

int64_t read_number(std::string_view bytes, bool is_signed) {
    int64_t number = 0;
    const size_t size = std::min(bytes.size(), sizeof(number));
    std::memcpy(&number, bytes.data(), size);
    return extended(number, size, is_signed);
}

std::string ip_text(std::string_view bytes) {
    char text[INET6_ADDRSTRLEN] = {};
    const int family = bytes.size() == sizeof(in6_addr) ? AF_INET6 : AF_INET;
    ::inet_ntop(family, bytes.data(), text, sizeof(text));
    return text;
}

std::string mac_text(std::string_view bytes) {
    std::string text;
    for (const char byte : bytes) {
        text += fmt::format("{}{:02x}", text.empty() ? "" : ":", static_cast<unsigned char>(byte));
    }
    return text;
}

std::string until_zero(std::string_view bytes) {
    return std::string(bytes.substr(0, bytes.find('\0')));
}

class Decoder {
  public:
    Decoder(const Item &item, const SymbolNamer &symbol) : item_(item), symbol_(symbol) {}

    Value item(std::string_view bytes);

  private:
    Value list(std::string_view bytes);
    Value followed(std::string_view bytes);
    Value one(const Type &type, std::string_view name, std::string_view bytes, Format format,
              unsigned depth);
    Value number(const Type &type, std::string_view name, std::string_view bytes, Format format);
    Value pointer(const Type &type, uint64_t address);
    Value array(const Type &type, std::string_view name, std::string_view bytes, Format format,
                unsigned depth);
    Value structure(const Type &type, std::string_view bytes, unsigned depth);
    void members(const Type &type, std::string_view bytes, uint64_t base, Value::Members &found,
                 unsigned depth);

    const Item &item_;
    const SymbolNamer &symbol_;
};

Value Decoder::item(std::string_view bytes) {
    switch (item_.layout) {
    case Layout::List:
        return list(bytes);
    case Layout::Named:
    case Layout::Counted:
        return followed(bytes);
    case Layout::Text: {
        std::string text = until_zero(bytes);
        std::string shown = util::json_string(text);
        return {.data = std::move(text), .text = std::move(shown)};
    }
    default:
        return one(*item_.type, item_.name, bytes, item_.format, 0);
    }
}

Value Decoder::list(std::string_view bytes) {
    const uint64_t size = std::max<uint64_t>(item_.type->size(), 1);
    Value::Array found;
    std::string text;
    size_t at = 0;
    for (; at + size <= bytes.size() && (size > 1 || at + 1 < bytes.size()); at += size) {
        found.push_back(one(*item_.type, item_.name, bytes.substr(at, size), item_.format, 1));
        text += (text.empty() ? "" : ", ") + found.back().text;
    }
    Value value;
    if (at < bytes.size() && bytes[at] != 0) {
        value.note = fmt::format("only the first {}: the list is longer, or a loop", found.size());
        text += ", ...";
    }
    value.text = "{" + text + "}";
    value.data = std::move(found);
    return value;
}

Value Decoder::followed(std::string_view bytes) {
    uint64_t address = 0;
    std::memcpy(&address, bytes.data(), std::min(bytes.size(), sizeof(address)));
    Value value = pointer(*item_.type, address);
    const std::string_view rest = bytes.substr(std::min(bytes.size(), sizeof(address)));
    if (address == 0 || rest.empty()) {
        return value;
    }
    if (item_.layout == Layout::Counted) {
        value.text += fmt::format(" (len {})", read_number(rest, false));
        return value;
    }
    const std::string text = until_zero(rest);
    const bool device = item_.type->is_pointer_to("net_device");
    value.data = text;
    value.text = device ? util::printable(text) : util::json_string(text);
    return value;
}

Value Decoder::one(const Type &type, std::string_view name, std::string_view bytes, Format format,
                   unsigned depth) {
    if (bytes.size() < type.size() && bytes.size() < DROPTRACE_ITEM_MAX) {
        return nothing("unreadable");
    }
    const Meaning meaning = meaning_of(type, name);
    if (format == Format::Ip ||
        (format == Format::Auto && (meaning == Meaning::Ipv4 || meaning == Meaning::Ipv6))) {
        return text_value(ip_text(bytes));
    }
    if (format == Format::Mac || (format == Format::Auto && meaning == Meaning::Mac)) {
        return text_value(mac_text(bytes));
    }
    if (meaning == Meaning::Characters && format != Format::Hex) {
        std::string text = until_zero(bytes);
        std::string shown = util::json_string(text);
        return {.data = std::move(text), .text = std::move(shown)};
    }
    switch (type.bare().kind()) {
    case TypeKind::Pointer:
        return format == Format::Auto || format == Format::Hex
                   ? pointer(type, static_cast<uint64_t>(read_number(bytes, false)))
                   : number(type, name, bytes, format);
    case TypeKind::Array:
        return array(type, name, bytes, format, depth);
    case TypeKind::Struct:
    case TypeKind::Union:
        return structure(type, bytes, depth);
    default:
        return number(type, name, bytes, format);
    }
}

Value Decoder::number(const Type &type, std::string_view name, std::string_view bytes,
                      Format format) {
    const Type &bare = type.bare();
    const bool is_signed =
        format == Format::Decimal || (format != Format::Unsigned && bare.is_signed());
    const int64_t value = read_number(bytes, is_signed);
    const auto raw = static_cast<uint64_t>(read_number(bytes, false));
    const Meaning meaning = meaning_of(type, name);
    const auto unsigned_value = [](uint64_t number, std::string text) {
        return Value{.data = number, .text = std::move(text)};
    };
    if (format == Format::Hex) {
        return unsigned_value(raw, fmt::format("{:#x}", raw));
    }
    const bool swaps = meaning == Meaning::Port || meaning == Meaning::BigEndian ||
                       meaning == Meaning::Protocol || format == Format::Port;
    if (swaps && (format == Format::Auto || format == Format::Port)) {
        const uint64_t host = swapped(raw, format == Format::Port ? 2 : bare.size());
        const bool hex = meaning == Meaning::Protocol && format == Format::Auto;
        return unsigned_value(host, hex ? fmt::format("{:#06x}", host) : std::to_string(host));
    }
    if (format == Format::Auto && bare.is_bool()) {
        return {.data = value != 0, .text = value != 0 ? "true" : "false"};
    }
    if (format == Format::Auto && bare.kind() == TypeKind::Enum) {
        for (const Enumerator &each : bare.enumerators()) {
            if (each.value == value) {
                return text_value(each.name);
            }
        }
    }
    if (is_signed) {
        return {.data = value, .text = std::to_string(value)};
    }
    // Sets of bits and checksums say more in hexadecimal.
    const bool bits =
        format == Format::Auto && (name.ends_with("flags") || name == "mark" ||
                                   type.is_named("__wsum") || type.is_named("__sum16"));
    return unsigned_value(raw, bits ? fmt::format("{:#x}", raw) : std::to_string(raw));
}

Value Decoder::pointer(const Type &type, uint64_t address) {
    if (address == 0) {
        return {.data = std::monostate{}, .text = "NULL"};
    }
    if (address >= least_error) {
        const auto number = static_cast<int64_t>(address);
        const std::string_view name = errno_name(static_cast<int>(-number));
        return text_value(fmt::format("ERR_PTR({}{}{})", number, name.empty() ? "" : " -", name));
    }
    const bool code = type.bare().target().is(TypeKind::Function);
    const std::string named = code && symbol_ ? symbol_(address) : std::string();
    return text_value(named.empty() ? fmt::format("{:#x}", address) : named);
}

Value Decoder::array(const Type &type, std::string_view name, std::string_view bytes, Format format,
                     unsigned depth) {
    const Type &element = type.bare().target();
    const uint64_t size = element.size();
    Value::Array found;
    std::string text;
    for (size_t at = 0; size > 0 && at + size <= bytes.size(); at += size) {
        found.push_back(one(element, name, bytes.substr(at, size), format, depth + 1));
        if (found.size() <= elements_most) {
            text += (text.empty() ? "" : ", ") + found.back().text;
        }
    }
    if (found.size() > elements_most) {
        text += ", ...";
    }
    return {.data = std::move(found), .text = "{" + text + "}"};
}

/// Members of anonymous structs are members of what is around them.
void Decoder::members(const Type &type, std::string_view bytes, uint64_t base,
                      Value::Members &found, unsigned depth) {
    for (const Member &member : type.bare().members()) {
        const uint64_t at = base + member.offset;
        const uint64_t size = member.type->size();
        if (member.name.empty() && member.type->is_struct()) {
            // Of a union the first member stands for all.
            members(*member.type, bytes, at, found, depth);
        } else if (member.bits != 0 && at < bytes.size()) {
            const size_t width = std::min<size_t>(bytes.size() - at, sizeof(int64_t));
            const uint64_t high = static_cast<uint64_t>(read_number(bytes.substr(at, width), false))
                                  << (64 - member.bit_from - member.bits);
            const int64_t whole = member.type->bare().is_signed()
                                      ? static_cast<int64_t>(high) >> (64 - member.bits)
                                      : static_cast<int64_t>(high >> (64 - member.bits));
            const std::string_view part(reinterpret_cast<const char *>(&whole),
                                        std::min<size_t>(sizeof(whole), static_cast<size_t>(size)));
            found.emplace_back(member.name, number(*member.type, member.name, part, Format::Auto));
        } else if (size > 0 && at + size <= bytes.size()) {
            found.emplace_back(member.name, one(*member.type, member.name, bytes.substr(at, size),
                                                Format::Auto, depth + 1));
        }
        if (type.is(TypeKind::Union) && !found.empty()) {
            return;
        }
    }
}

Value Decoder::structure(const Type &type, std::string_view bytes, unsigned depth) {
    if (depth >= struct_depth) {
        return text_value("{...}");
    }
    Value::Members found;
    members(type, bytes, 0, found, depth);
    std::string text;
    for (size_t i = 0; i < std::min(found.size(), members_most); i++) {
        text += fmt::format("{}.{}={}", i == 0 ? "" : ", ", found[i].first, found[i].second.text);
    }
    if (found.size() > members_most) {
        text += ", ...";
    }
    return {.data = std::move(found), .text = "{" + text + "}"};
}

} // namespace

Value decode(Types &, const Item &item, uint16_t status, std::string_view bytes,
             const SymbolNamer &symbol) {
    Decoder decoder(item, symbol);
    if (status == DROPTRACE_VALUE_FAULT && bytes.empty()) {
        return nothing("unreadable");
    }
    if (bytes.empty() && item.layout != Layout::Text) {
        return nothing(status == DROPTRACE_VALUE_STEPS ? "took too long" : "no value");
    }
    const bool partial = status == DROPTRACE_VALUE_FAULT || status == DROPTRACE_VALUE_STEPS;
    if (partial && item.layout == Layout::List) {
        Value value = decoder.item(std::string(bytes) + '\0');
        value.note = status == DROPTRACE_VALUE_FAULT ? "the rest is unreadable" : "took too long";
        value.text += " (" + value.note + ")";
        return value;
    }
    Value value = decoder.item(bytes);
    if (value.note.empty() && status != DROPTRACE_VALUE_OK) {
        value.note = status == DROPTRACE_VALUE_CUT     ? "cut"
                     : status == DROPTRACE_VALUE_STEPS ? "took too long"
                                                       : "the rest is unreadable";
    }
    return value;
}

namespace {

struct JsonWriter {
    util::Writer &out;

    void operator()(std::monostate) { out.text("null"); }
    void operator()(bool value) { out.text(value ? "true" : "false"); }
    void operator()(int64_t value) { out.text(std::to_string(value)); }
    void operator()(uint64_t value) { out.text(std::to_string(value)); }
    void operator()(const std::string &value) { util::append_json_string(out, value); }
    void operator()(const Value::Array &values) {
        out.text("[");
        for (size_t i = 0; i < values.size(); i++) {
            out.text(i == 0 ? "" : ",");
            append_json(out, values[i]);
        }
        out.text("]");
    }
    void operator()(const Value::Members &members) {
        out.text("{");
        for (size_t i = 0; i < members.size(); i++) {
            out.text(i == 0 ? "" : ",");
            util::append_json_string(out, members[i].first);
            out.text(":");
            append_json(out, members[i].second);
        }
        out.text("}");
    }
};

} // namespace

void append_json(util::Writer &out, const Value &value) {
    std::visit(JsonWriter{out}, value.data);
}

} // namespace dropctl::values
