// SPDX-License-Identifier: GPL-2.0-only
#include "cli.hpp"

#include "util/parse.hpp"

#include <CLI/CLI.hpp>
#include <linux/droptrace.h>

#include <limits>
#include <memory>

namespace dropctl {

namespace {

constexpr const char *footer = "Exit status: 0 done; 1 failed; 2 usage; 3 nothing seen before the\n"
                               "time limit; 4 done, but events were lost.\n"
                               "dropctl VERB --help tells more; dropctl(8) has everything.";

/// Parses into an Invocation that outlives it: CLI11 writes into the options
/// structs through references, and tells which command was meant.
class Parser {
  public:
    Parser();
    Result<Invocation> parse(int argc, const char *const *argv);

  private:
    /// A new verb whose options go to *`options`.
    template <typename Options>
    CLI::App &verb(const char *name, const char *text, std::shared_ptr<Options> options);
    void define_globals();
    void define_status();
    void define_filters();
    void define_monitor();
    void define_top();
    void define_lookups();

    CLI::App app_{"Find out where and why the kernel drops packets."};
    Invocation invocation_;
};

/// Options shared by everything that streams.
template <typename Options> void stream_options(CLI::App &verb, Options &options) {
    verb.add_option_function<std::string>(
            "--timeout",
            [&options](const std::string &text) {
                const auto seconds = util::parse_duration(text);
                if (!seconds) {
                    throw CLI::ValidationError("--timeout", "'" + text + "' is not a duration");
                }
                options.timeout = seconds;
            },
            "End after this long (seconds, or with ms, s, m, h)")
        ->type_name("DURATION");
    verb.add_option("--ready-file", options.ready_file, "Create this file once all is armed")
        ->type_name("FILE");
}

/// What a number on the command line may be. CLI11's own conversion takes "-1"
/// for a large unsigned number.
struct Bounds {
    uint64_t least;
    uint64_t most;
    bool size = false; ///< bytes, with K, M or G
};

constexpr Bounds snaplen{.least = 0, .most = DROPTRACE_SNAPLEN_MAX};
constexpr Bounds any{.least = 0, .most = std::numeric_limits<uint64_t>::max()};

uint64_t bounded(const char *option, const std::string &word, Bounds bounds) {
    const auto value = bounds.size ? util::parse_size(word) : util::parse_number(word);
    if (value && *value >= bounds.least && *value <= bounds.most) {
        return *value;
    }
    std::string rule = bounds.size ? "a size" : "a number";
    if (bounds.most != any.most) {
        rule += " from " + std::to_string(bounds.least) + " to " + std::to_string(bounds.most);
    }
    throw CLI::ValidationError(option, "'" + word + "' is not " + rule);
}

/// An option that takes a number; `target` is an unsigned integer or an optional one.
template <typename Target>
CLI::Option *number_option(CLI::App &verb, const char *name, Target &target, Bounds bounds,
                           const char *text) {
    return verb
        .add_option_function<std::string>(
            name,
            [name, &target, bounds](const std::string &word) {
                const uint64_t value = bounded(name, word, bounds);
                if constexpr (std::is_integral_v<Target>) {
                    target = static_cast<Target>(value);
                } else {
                    target = static_cast<typename Target::value_type>(value);
                }
            },
            text)
        ->type_name(bounds.size ? "BYTES" : "N");
}

template <typename Options>
CLI::App &Parser::verb(const char *name, const char *text, std::shared_ptr<Options> options) {
    CLI::App *added = app_.add_subcommand(name, text);
    added->fallthrough();
    added->callback([this, options] { invocation_.command = *options; });
    return *added;
}

Parser::Parser() {
    app_.name("dropctl");
    app_.require_subcommand(1);
    app_.footer(footer);
    app_.set_version_flag("--version", std::string("dropctl ") + DROPCTL_VERSION);
    app_.get_formatter()->column_width(30);
    define_globals();
    define_status();
    define_filters();
    define_monitor();
    define_top();
    define_lookups();
}

void Parser::define_globals() {
    app_.add_flag("-j,--json", invocation_.global.json, "One JSON object a line");
    app_.add_flag("-v,--verbose", invocation_.global.verbose, "All there is to tell");
    const std::map<std::string, Colour> colours{
        {"auto", Colour::Auto}, {"always", Colour::Always}, {"never", Colour::Never}};
    app_.add_option("--color", invocation_.global.colour, "auto, always or never")
        ->transform(CLI::CheckedTransformer(colours).description(""))
        ->type_name("WHEN");
}

void Parser::define_status() {
    verb("status", "Is the module in, what is armed, what was lost",
         std::make_shared<StatusOptions>());
}

void Parser::define_filters() {
    auto add = std::make_shared<AddFilterOptions>();
    CLI::App &added = verb("add-filter", "Choose the drops to report", add);
    added.add_option("expression", add->expr, "pcap-filter(7) expression, as for tcpdump")
        ->type_name("EXPR");
    added.add_option("--name", add->name, "Name to give it")->type_name("NAME");
    added.add_option("--dev", add->dev, "Packets of this interface")->type_name("IF");
    added.add_option("--netns", add->netns, "NAME, /path or inode:N of a network namespace")
        ->type_name("NETNS");
    added.add_option("--mark", add->mark, "Packets with this mark")->type_name("V[/MASK]");
    added.add_option("--reason", add->reasons, "Drop reasons (dropctl reasons lists them)")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("R[,R...]");
    added.add_option("--function", add->function, "Dropped by this function")
        ->type_name("FUNC[@MODULE]");
    added.add_option("--inner", add->inner, "Expression for the packet inside a tunnel")
        ->type_name("EXPR");
    added.add_flag("--exclude", add->exclude, "Never report what matches");
    number_option(added, "--snaplen", add->snaplen, snaplen, "Bytes of the packet to keep");
    number_option(added, "--rate", add->rate, {.least = 1, .most = 1000000},
                  "Report at most N a second");
    number_option(added, "--count", add->count, any, "Report N, then no more");

    auto del = std::make_shared<DelFilterOptions>();
    CLI::App &deleted = verb("del-filter", "Delete filters", del);
    deleted.add_option("filter", del->filters, "Ids or names")->type_name("ID|NAME...");
    deleted.add_flag("--all", del->all, "Every filter");

    verb("list-filters", "Show the filters", std::make_shared<ListFiltersOptions>());
}

void Parser::define_monitor() {
    auto options = std::make_shared<MonitorOptions>();
    CLI::App &added = verb("monitor", "One line a drop, as it happens", options);
    added.add_option("filter", options->filters, "Ids or names of filters; else an expression")
        ->type_name("FILTER...|EXPR");
    number_option(added, "--count", options->count, any, "End after N drops");
    stream_options(added, *options);
    number_option(added, "--ring-size", options->ring_size,
                  {.least = DROPTRACE_RING_MIN, .most = DROPTRACE_RING_MAX, .size = true},
                  "Buffer per CPU (2M)");
    number_option(added, "--snaplen", options->snaplen, snaplen,
                  "Bytes of the packet to keep (128)");
    added.add_option("--stack", options->stack_depth, "Record the call stack, DEPTH (16) deep")
        ->check(CLI::Range(0, DROPTRACE_STACK_MAX).description(""))
        ->expected(0, 1)
        ->default_str("16")
        ->type_name("[DEPTH]");
    const std::map<std::string, TimeFormat> times{
        {"wall", TimeFormat::Wall}, {"delta", TimeFormat::Delta}, {"epoch", TimeFormat::Epoch}};
    added.add_option("--time", options->time, "wall, delta (since the last drop) or epoch")
        ->transform(CLI::CheckedTransformer(times).description(""))
        ->type_name("FORMAT");
}

void Parser::define_top() {
    auto options = std::make_shared<TopOptions>();
    CLI::App &added = verb("top", "Live counts of what is dropped where", options);
    added
        .add_option_function<std::string>(
            "--interval",
            [options](const std::string &text) {
                const auto seconds = util::parse_duration(text);
                if (!seconds || *seconds < 0.05) {
                    throw CLI::ValidationError("--interval",
                                               "'" + text + "' is not a duration of 50ms or more");
                }
                options->interval = *seconds;
            },
            "Time between two refreshes (1)")
        ->type_name("DURATION");
    const std::map<std::string, TopSort> sorts{
        {"rate", TopSort::Rate},         {"total", TopSort::Total}, {"reason", TopSort::Reason},
        {"function", TopSort::Function}, {"line", TopSort::Line},   {"dev", TopSort::Dev}};
    added.add_option("--sort", options->sort, "rate, total, reason, function, line or dev")
        ->transform(CLI::CheckedTransformer(sorts).description(""))
        ->type_name("COLUMN");
    number_option(added, "--limit", options->limit, any, "Show N rows");
    number_option(added, "--count", options->count, any, "End after N refreshes");
    stream_options(added, *options);
    CLI::Option *once = added.add_flag("--once", options->once, "Print one table and end");
    CLI::Option *keep = added.add_flag("--keep", options->keep, "Leave counting on at the end");
    added.add_flag("--off", options->off, "Stop counting that was left on, and end")
        ->excludes(once)
        ->excludes(keep);
    added.add_flag("--reset", options->reset, "Begin again from zero");
}

void Parser::define_lookups() {
    auto places = std::make_shared<SymbolizeOptions>();
    CLI::App &symbolize = verb("symbolize", "Function, file and line of kernel addresses", places);
    symbolize.add_option("place", places->places, "0xADDRESS or SYMBOL+OFFSET; else from stdin")
        ->type_name("PLACE...");
    symbolize.add_flag("--exact", places->exact,
                       "The place itself, not the call before a return address");

    auto names = std::make_shared<ReasonsOptions>();
    CLI::App &reasons = verb("reasons", "The running kernel's drop reasons", names);
    reasons.add_option("reason", names->names, "Only these, by name or number")
        ->type_name("REASON...");
}

Result<Invocation> Parser::parse(int argc, const char *const *argv) {
    try {
        app_.parse(argc, argv);
    } catch (const CLI::CallForHelp &) {
        const auto verbs = app_.get_subcommands();
        return Invocation{invocation_.global,
                          PrintText{verbs.empty() ? app_.help() : verbs.front()->help()}};
    } catch (const CLI::CallForVersion &version) {
        return Invocation{invocation_.global, PrintText{std::string(version.what()) + "\n"}};
    } catch (const CLI::ParseError &error) {
        const auto verbs = app_.get_subcommands();
        const std::string name = verbs.empty() ? "" : verbs.front()->get_name();
        return Error{name, error.what(), "dropctl " + name + (name.empty() ? "--help" : " --help"),
                     Exit::Usage};
    }
    return invocation_;
}

} // namespace

Result<Invocation> parse_command_line(int argc, const char *const *argv) {
    return Parser().parse(argc, argv);
}

} // namespace dropctl
