// SPDX-License-Identifier: GPL-2.0-only
#include "commands/probe_spec.hpp"

#include "util/words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dropctl::commands {

namespace {

constexpr char between = '\n';

/// The words, one a line.
class Words {
  public:
    void add(std::string word) {
        std::replace(word.begin(), word.end(), between, ' ');
        text_ += (text_.empty() ? "" : std::string(1, between)) + word;
    }
    template <typename Value> void option(const char *name, const Value &value) {
        add(fmt::format("--{}={}", name, value));
    }
    void options(const char *name, const std::vector<std::string> &values) {
        for (const std::string &value : values) {
            option(name, value);
        }
    }
    [[nodiscard]] const std::string &text() const { return text_; }

  private:
    std::string text_;
};

} // namespace

std::string probe_spec(const AddProbeOptions &options, const std::set<uint64_t> &refused) {
    Words words;
    const FollowOptions &follow = options.follow;
    words.add("add-probe");
    words.options("values", follow.values);
    words.options("within", follow.within);
    words.options("lines", options.lines);
    if (follow.callees != 0) {
        words.option("callees", follow.callees);
    }
    if (follow.packet_arg) {
        words.option("packet-arg", *follow.packet_arg);
    }
    for (const uint64_t address : refused) {
        words.option("refused", fmt::format("{:#x}", address));
    }
    for (const std::string &function : follow.functions) {
        words.add(function);
    }
    words.add("--");
    for (const std::string &word : options.filters) {
        words.add(word);
    }
    return words.text();
}

Result<AddProbeOptions> read_probe_spec(const std::string &spec) {
    std::vector<std::string> words{"dropctl"};
    for (size_t at = 0; at < spec.size();) {
        const size_t end = std::min(spec.find(between, at), spec.size());
        words.push_back(spec.substr(at, end - at));
        at = end + 1;
    }
    std::vector<const char *> pointers;
    pointers.reserve(words.size());
    for (const std::string &word : words) {
        pointers.push_back(word.c_str());
    }
    auto parsed = parse_command_line(static_cast<int>(pointers.size()), pointers.data());
    if (!parsed) {
        return parsed.error();
    }
    auto *options = std::get_if<AddProbeOptions>(&parsed->command);
    if (options == nullptr) {
        return Error{"", "it was made by something else than this dropctl"};
    }
    return *options;
}

std::string followed_text(const FollowOptions &options) {
    std::string text = util::join(options.functions, ", ");
    if (options.callees != 0) {
        text += fmt::format(" and what they call{}",
                            options.callees > 1 ? fmt::format(", {} levels", options.callees) : "");
    }
    return text;
}

} // namespace dropctl::commands
