// SPDX-License-Identifier: GPL-2.0-only
// dropctl reasons: the running kernel's drop reasons, with what they mean. Needs
// no module.
#include "commands/reasons.hpp"

#include "render/json.hpp"
#include "util/parse.hpp"
#include "util/terminal.hpp"
#include "util/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <string_view>

namespace dropctl::commands {

namespace {

using Chosen = std::map<uint32_t, std::string>;

constexpr size_t narrowest = 30; ///< columns left for explanations, to wrap them at all

/// The number of a reason given by name or number; nothing if the kernel has none such.
std::optional<uint32_t> number_of(const symbols::Reasons &names, const std::string &word) {
    if (const auto number = util::parse_number(word)) {
        const bool fits = *number <= std::numeric_limits<uint32_t>::max();
        const auto value = static_cast<uint32_t>(*number);
        return fits && !names.name(value).empty() ? std::optional(value) : std::nullopt;
    }
    return names.number(word);
}

Result<Chosen> choose(const ReasonsOptions &options, const symbols::Reasons &names) {
    if (options.names.empty()) {
        return names.all();
    }
    Chosen chosen;
    for (const std::string &word : options.names) {
        const auto number = number_of(names, word);
        if (!number) {
            const auto similar = names.similar(word, 3);
            return Error{.what = "reasons",
                         .why = fmt::format("this kernel has no drop reason '{}'", word),
                         .hint = util::did_you_mean(similar, "`dropctl reasons` lists them"),
                         .status = Exit::Usage};
        }
        chosen.emplace(*number, names.name(*number));
    }
    return chosen;
}

/// `text` in lines of at most `width` columns, those after the first indented.
std::string wrap(std::string_view text, size_t width, size_t indent) {
    std::string lines;
    while (text.size() > width) {
        size_t end = text.rfind(' ', width);
        if (end == std::string_view::npos || end == 0) {
            end = std::min(text.find(' '), text.size());
        }
        lines.append(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!text.empty()) {
            lines.append("\n").append(indent, ' ');
        }
    }
    return lines.append(text);
}

void print_text(const Chosen &chosen, Context &context, const symbols::ReasonDocs &docs) {
    size_t digits = 1;
    size_t width = 4;
    for (const auto &[number, name] : chosen) {
        digits = std::max(digits, fmt::formatted_size("{}", number));
        width = std::max(width, name.size());
    }
    const size_t indent = digits + width + 4;
    const size_t columns = util::terminal_size(context.out).columns;
    const size_t room = context.out.is_terminal() && columns > indent + narrowest
                            ? columns - indent
                            : std::numeric_limits<size_t>::max();
    for (const auto &[number, name] : chosen) {
        const std::string text = docs.find(name).text;
        context.out.write(text.empty() ? fmt::format("{:>{}}  {}\n", number, digits, name)
                                       : fmt::format("{:>{}}  {:<{}}  {}\n", number, digits, name,
                                                     width, wrap(text, room, indent)));
    }
}

void print_json(const Chosen &chosen, Context &context, const symbols::ReasonDocs &docs) {
    util::Writer json;
    for (const auto &[number, name] : chosen) {
        const symbols::ReasonDoc doc = docs.find(name);
        render::JsonObject object(json, "reason");
        object.number("number", number).text("name", name).text_or_null("text", doc.text);
        object.text_or_null("text_from", doc.text.empty()  ? ""
                                         : doc.from_kernel ? "kernel"
                                                           : "dropctl");
        object.end_line();
    }
    context.out.write(json.view());
}

} // namespace

Result<Exit> reasons(const ReasonsOptions &options, Context &context, const symbols::Reasons &names,
                     const symbols::ReasonDocs &docs) {
    if (names.all().empty()) {
        constexpr const char *none = "this kernel has no drop reasons; they came with Linux 5.17";
        if (!options.names.empty()) {
            return Error{.what = "reasons", .why = none};
        }
        context.err.write(fmt::format("dropctl: {}\n", none));
        return Exit::Done;
    }
    const auto chosen = choose(options, names);
    if (!chosen) {
        return chosen.error();
    }
    if (context.options.json) {
        print_json(*chosen, context, docs);
    } else {
        print_text(*chosen, context, docs);
    }
    return Exit::Done;
}

Result<Exit> reasons(const ReasonsOptions &options, Context &context) {
    auto names = symbols::Reasons::load();
    if (!names) {
        return names.error();
    }
    return reasons(options, context, *names, symbols::ReasonDocs::load());
}

} // namespace dropctl::commands
