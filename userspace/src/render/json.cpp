// SPDX-License-Identifier: GPL-2.0-only
#include "render/json.hpp"

#include <fmt/format.h>

#include <cmath>

namespace dropctl::render {

JsonObject::JsonObject(util::Writer &out, std::string_view type) : JsonObject(out) {
    number("schema", 1).text("type", type);
}

JsonObject &JsonObject::key(std::string_view key) {
    if (!first_) {
        out_.put(',');
    }
    first_ = false;
    out_.add('"', key, "\":");
    return *this;
}

JsonObject &JsonObject::number(std::string_view name, uint64_t value) {
    key(name);
    out_.number(value);
    return *this;
}

JsonObject &JsonObject::decimal(std::string_view name, double value) {
    if (!std::isfinite(value)) {
        return null(name);
    }
    return raw(name, fmt::format("{:.3f}", value));
}

JsonObject &JsonObject::boolean(std::string_view name, bool value) {
    return raw(name, value ? "true" : "false");
}

JsonObject &JsonObject::text(std::string_view name, std::string_view value) {
    key(name);
    util::append_json_string(out_, value);
    return *this;
}

JsonObject &JsonObject::text_or_null(std::string_view name, std::string_view value) {
    return value.empty() ? null(name) : text(name, value);
}

JsonObject &JsonObject::null(std::string_view name) {
    return raw(name, "null");
}

JsonObject &JsonObject::raw(std::string_view name, std::string_view json) {
    key(name);
    out_.text(json);
    return *this;
}

void JsonObject::end_line() {
    out_.add("}\n");
}

void append_json(util::Writer &out, const Loss &loss) {
    JsonObject object(out);
    object.number("total", loss.total())
        .number("ring_full", loss.ring_full)
        .number("undelivered", loss.undelivered)
        .number("recursion", loss.recursion)
        .close();
}

} // namespace dropctl::render
