// SPDX-License-Identifier: GPL-2.0-only
#include "rules/parse.hpp"

#include "rules/parse_sample.hpp"
#include "rules/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

namespace dropctl::rules {

namespace {

/// Marks a template of advice as a command, run in the packet's namespace or anywhere.
constexpr std::string_view command_mark = "$ ";
constexpr std::string_view host_mark = "% ";

Reader into(std::vector<std::string> &texts) {
    return [&texts](const YAML::Node &node) { texts = read_texts(node); };
}

Reader into(std::vector<std::regex> &patterns) {
    return [&patterns](const YAML::Node &node) {
        for (const std::string &text : read_texts(node)) {
            try {
                patterns.emplace_back(text, std::regex::ECMAScript | std::regex::optimize);
            } catch (const std::regex_error &error) {
                throw Mistake(node, fmt::format("no regular expression: '{}'", text));
            }
        }
    };
}

/// One of certain words.
Reader one_of(std::vector<std::string> &texts, std::initializer_list<const char *> known) {
    return [&texts,
            known = std::vector<std::string>(known.begin(), known.end())](const YAML::Node &node) {
        texts = read_texts(node);
        for (const std::string &text : texts) {
            if (std::find(known.begin(), known.end(), text) == known.end()) {
                throw Mistake(node, "unknown word '" + text + "'");
            }
        }
    };
}

Reader returned(std::vector<std::string> &texts) {
    return [&texts](const YAML::Node &node) {
        static const std::regex form("-?[0-9]+|-E[A-Z0-9]+|NULL|nonzero|negative");
        texts = read_texts(node);
        for (const std::string &text : texts) {
            if (!std::regex_match(text, form)) {
                throw Mistake(node, "nothing that a function returns: '" + text + "'");
            }
        }
    };
}

Reader classes(std::vector<std::string> &texts) {
    return one_of(texts,
                  {"multicast", "broadcast", "loopback", "link-local", "unspecified", "unicast"});
}

/// Functions have no compiler suffixes, and no lines.
Reader functions(std::vector<std::string> &texts) {
    return [&texts](const YAML::Node &node) {
        static const std::regex form("[A-Za-z_][A-Za-z0-9_]*");
        texts = read_texts(node);
        for (const std::string &text : texts) {
            if (!std::regex_match(text, form)) {
                throw Mistake(node, "no name of a function: '" + text + "'");
            }
        }
    };
}

Called read_called(const YAML::Node &node) {
    Called called;
    read_map(node, {{"callee", functions(called.callee)}, {"returned", returned(called.returned)}});
    if (called.callee.empty()) {
        throw Mistake(node, "no callee");
    }
    return called;
}

Condition read_condition(const YAML::Node &node) {
    Condition condition;
    read_map(node, {{"function", functions(condition.function)},
                    {"module", functions(condition.module)},
                    {"callee", functions(condition.callee)},
                    {"returned", returned(condition.returned)},
                    {"statement", into(condition.statement)},
                    {"condition", into(condition.condition)},
                    {"loop", [&](const YAML::Node &value) { condition.loop = read_bool(value); }},
                    {"through", functions(condition.through)},
                    {"called",
                     [&](const YAML::Node &value) {
                         read_each(value, [&](const YAML::Node &each) {
                             condition.called.push_back(read_called(each));
                         });
                     }},
                    {"freed_in", functions(condition.freed_in)},
                    {"reason", functions(condition.reason)},
                    {"l3", one_of(condition.l3, {"ipv4", "ipv6", "arp", "mpls"})},
                    {"l4", into(condition.l4)},
                    {"src", classes(condition.src)},
                    {"dst", classes(condition.dst)}});
    if (condition.function.empty() && condition.callee.empty() && condition.called.empty() &&
        condition.reason.empty() && condition.freed_in.empty() && condition.through.empty()) {
        throw Mistake(
            node, "it fits everywhere: no function, callee, called, through, reason or freed_in");
    }
    return condition;
}

Template read_template(const YAML::Node &node) {
    std::string text = read_text(node);
    Template out;
    if (text.starts_with(command_mark) || text.starts_with(host_mark)) {
        out.kind =
            text.starts_with(command_mark) ? Template::Kind::Command : Template::Kind::HostCommand;
        text.erase(0, command_mark.size());
    }
    // Doubled braces stand for themselves.
    std::string plain;
    for (size_t at = 0; at < text.size(); ++at) {
        if (const std::string_view pair = std::string_view(text).substr(at, 2);
            pair == "{{" || pair == "}}" || text[at] != '{') {
            plain += text[at];
            at += pair == "{{" || pair == "}}" ? 1 : 0;
            continue;
        }
        const size_t close = text.find('}', at);
        const std::string name = text.substr(at + 1, close - at - 1);
        if (close == std::string::npos || !is_gap_name(name)) {
            throw Mistake(node, "unknown placeholder '{" + name + "}'");
        }
        out.pieces.push_back({std::exchange(plain, {}), false});
        out.pieces.push_back({name, true});
        at = close;
    }
    out.pieces.push_back({plain, false});
    return out;
}

Reader into(std::vector<Template> &templates) {
    return [&templates](const YAML::Node &node) {
        read_each(node, [&](const YAML::Node &each) { templates.push_back(read_template(each)); });
    };
}

Reader into(std::vector<Facts> &samples) {
    return [&samples](const YAML::Node &node) {
        read_each(node, [&](const YAML::Node &each) { samples.push_back(read_sample(each)); });
    };
}

Rule read_rule(const YAML::Node &node, const std::string &file) {
    Rule rule;
    rule.place = fmt::format("{}:{}", file, node.Mark().line + 1);
    read_map(node, {{"name", [&](const YAML::Node &value) { rule.name = read_text(value); }},
                    {"when",
                     [&](const YAML::Node &value) {
                         read_each(value, [&](const YAML::Node &each) {
                             rule.when.push_back(read_condition(each));
                         });
                     }},
                    {"because", into(rule.because)},
                    {"try", into(rule.attempts)},
                    {"example", into(rule.examples)},
                    {"counterexample", into(rule.counterexamples)}});
    const std::array<std::pair<const char *, bool>, 6> needed{
        {{"name", rule.name.empty()},
         {"when", rule.when.empty()},
         {"because", rule.because.empty()},
         {"try", rule.attempts.empty()},
         {"example", rule.examples.empty()},
         {"counterexample", rule.counterexamples.empty()}}};
    for (const auto &[key, missing] : needed) {
        if (missing) {
            throw Mistake(node, fmt::format("rule '{}' has no '{}'", rule.name, key));
        }
    }
    for (const Template &text : rule.because) {
        if (text.kind != Template::Kind::Sentence) {
            throw Mistake(node, "a command is no explanation");
        }
    }
    return rule;
}

} // namespace

Result<std::vector<Rule>> parse(const std::string &text, const std::string &file) {
    const auto error = [&file](int line, const std::string &why) {
        return Error{"rules", fmt::format("{}:{}: {}", file, line, why)};
    };
    try {
        std::vector<Rule> rules;
        std::set<std::string> names;
        const YAML::Node top = YAML::Load(text);
        if (!top.IsSequence()) {
            throw Mistake(top, "a list of rules is needed");
        }
        for (const YAML::Node &node : top) {
            rules.push_back(read_rule(node, file));
            if (!names.insert(rules.back().name).second) {
                throw Mistake(node, "rule '" + rules.back().name + "' is there twice");
            }
        }
        return rules;
    } catch (const Mistake &mistake) {
        return error(mistake.line, mistake.what());
    } catch (const YAML::Exception &exception) {
        return error(exception.mark.line + 1, exception.msg);
    }
}

} // namespace dropctl::rules
