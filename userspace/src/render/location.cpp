// SPDX-License-Identifier: GPL-2.0-only
// Writes places in the kernel's code. Whoever prints streams keeps the result:
// the same few places come again and again.
#include "render/location.hpp"

#include "render/json.hpp"
#include "symbols/symbol_name.hpp"

#include <fmt/format.h>

namespace dropctl::render {

namespace {

void add_inlined(JsonObject &object, util::Writer &json, const std::vector<std::string> &names) {
    object.key("inline");
    json.put('[');
    for (const std::string &name : names) {
        if (&name != names.data()) {
            json.put(',');
        }
        util::append_json_string(json, name);
    }
    json.put(']');
}

} // namespace

void append_json(std::string &out, const Location &location) {
    util::Writer json(512);
    JsonObject object(json);
    object.text_or_null("symbol", location.symbol);
    if (location.symbol.empty()) {
        object.null("offset");
    } else {
        object.number("offset", location.offset);
    }
    object.text_or_null("module", location.module).text_or_null("function", location.function);
    add_inlined(object, json, location.inlined);
    object.text_or_null("file", location.file);
    if (location.file.empty()) {
        object.null("line");
    } else {
        object.number("line", location.line);
    }
    if (location.address != 0) {
        object.raw("address", fmt::format("\"{:#x}\"", location.address));
    }
    object.close();
    out.append(json.view());
}

std::string symbol_text(const Location &location) {
    if (location.symbol.empty()) {
        return location.address == 0 ? "?" : fmt::format("{:#x}", location.address);
    }
    std::string text =
        fmt::format("{}+{:#x}", symbols::without_clone_suffixes(location.symbol), location.offset);
    if (!location.module.empty()) {
        text += " [" + location.module + "]";
    }
    return text;
}

std::string source_text(const Location &location) {
    return location.file.empty() ? std::string()
                                 : fmt::format("{}:{}", location.file, location.line);
}

std::string text(const Location &location) {
    std::string text = symbol_text(location);
    if (!location.file.empty()) {
        text += " " + source_text(location);
    }
    return text;
}

} // namespace dropctl::render
