// SPDX-License-Identifier: GPL-2.0-only
// dropctl symbolize: what addresses and "symbol+offset" stand for, one line or
// JSON object for each place. Needs no module.
#include "commands/symbolize.hpp"

#include "render/json.hpp"
#include "render/location.hpp"
#include "util/escape.hpp"

#include <fmt/format.h>

#include <charconv>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

namespace dropctl::commands {

namespace {

/// Without blanks around it, and without the [<>] that old kernels print addresses in.
std::string_view bare(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) {
        return {};
    }
    text = text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
    if (text.starts_with("[<") && text.ends_with(">]")) {
        text = text.substr(2, text.size() - 4);
    }
    return text;
}

/// "0xffffffff81000000", or without 0x if it is as long as a kernel's address.
std::optional<uint64_t> parse_address(std::string_view text) {
    constexpr size_t digits = 16;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
    } else if (text.size() != digits) {
        return std::nullopt;
    }
    uint64_t value = 0;
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, 16);
    return error == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

class Symbolizer {
  public:
    Symbolizer(bool exact, bool label, Context &context, symbols::DwflSymboliser &symboliser)
        : exact_(exact), label_(label), context_(context), symboliser_(symboliser) {}

    /// Resolve one place and print it.
    void resolve(std::string_view query);
    Exit finish();

  private:
    std::vector<Location> find(std::string_view query);
    void print(std::string_view query, const Location *location);
    void print_json(std::string_view query, const Location *location);
    void complain(std::string_view query);

    bool exact_;
    bool label_; ///< say which place a line is about
    Context &context_;
    symbols::DwflSymboliser &symboliser_;
    bool failed_ = false;
};

void Symbolizer::resolve(std::string_view query) {
    const std::vector<Location> found = find(query);
    for (const Location &location : found) {
        failed_ = failed_ || location.symbol.empty();
        print(query, &location);
    }
    if (found.empty()) {
        failed_ = true;
        if (context_.options.json) {
            print_json(query, nullptr);
        }
        complain(query);
    }
}

std::vector<Location> Symbolizer::find(std::string_view query) {
    if (const auto address = parse_address(query)) {
        return {exact_ ? symboliser_.exact_address(*address)
                       : symboliser_.return_address(*address)};
    }
    const std::string text(query);
    return exact_ ? symboliser_.exact_symbol_offset(text) : symboliser_.symbol_offset(text);
}

void Symbolizer::print(std::string_view query, const Location *location) {
    if (context_.options.json) {
        print_json(query, location);
        return;
    }
    // A place given by its symbol comes back with it.
    const bool labelled = label_ && parse_address(query);
    std::string line = labelled ? util::printable(query) + "  " : std::string();
    line += render::text(*location);
    if (location->inlined.size() > 1) {
        line += fmt::format("  ({})", fmt::join(location->inlined, " < "));
    }
    context_.out.write(line + "\n");
}

void Symbolizer::print_json(std::string_view query, const Location *location) {
    util::Writer json;
    render::JsonObject object(json, "symbol");
    object.text("query", query);
    if (location == nullptr) {
        object.null("location");
    } else {
        std::string place;
        render::append_json(place, *location);
        object.raw("location", place);
    }
    object.end_line();
    context_.out.write(json.view());
}

void Symbolizer::complain(std::string_view query) {
    context_.out.flush(); // answers before complaints, as asked
    const std::string name(query.substr(0, query.find_first_of("+ ")));
    const auto similar = symboliser_.similar_functions(name, 3);
    context_.err.write(fmt::format("dropctl: symbolize: {}: no such place in this kernel\n",
                                   util::printable(query)));
    if (!similar.empty()) {
        context_.err.write(fmt::format("hint: did you mean {}?\n", fmt::join(similar, ", ")));
    }
    context_.err.flush();
}

Exit Symbolizer::finish() {
    const std::string hint = symboliser_.hint();
    context_.out.flush();
    if (!hint.empty()) {
        context_.err.write("hint: " + hint + "\n");
        context_.err.flush();
    }
    return failed_ ? Exit::Failed : Exit::Done;
}

} // namespace

Result<Exit> symbolize(const SymbolizeOptions &options, Context &context,
                       symbols::DwflSymboliser &symboliser, std::istream &input) {
    const std::vector<std::string> &places = options.places;
    const bool from_input = places.empty() || (places.size() == 1 && places.front() == "-");
    Symbolizer symbolizer(options.exact, from_input || places.size() > 1, context, symboliser);
    if (!from_input) {
        for (const std::string &place : places) {
            symbolizer.resolve(bare(place));
        }
        return symbolizer.finish();
    }
    for (std::string line; !context.out.closed() && std::getline(input, line);) {
        if (const std::string_view place = bare(line); !place.empty()) {
            symbolizer.resolve(place);
            context.out.flush(); // whoever feeds the lines may wait for the answer
        }
    }
    return symbolizer.finish();
}

Result<Exit> symbolize(const SymbolizeOptions &options, Context &context) {
    symbols::SymboliserOptions settings;
    settings.progress = [&context](const std::string &what) {
        context.err.write("dropctl: " + what + "\n");
        context.err.flush();
    };
    symbols::DwflSymboliser symboliser(std::move(settings));
    return symbolize(options, context, symboliser, std::cin);
}

} // namespace dropctl::commands
