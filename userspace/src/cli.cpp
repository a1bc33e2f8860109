// SPDX-License-Identifier: GPL-2.0-only
#include "cli.hpp"

#include "cli/help.hpp"
#include "cli/values.hpp"
#include "util/near_names.hpp"
#include "util/words.hpp"

#include <CLI/CLI.hpp>
#include <linux/droptrace.h>

#include <algorithm>
#include <memory>

namespace dropctl {

namespace {

using cli::Bounds;
using cli::choice_option;
using cli::duration_option;
using cli::number_option;

constexpr const char *exit_statuses =
    "Exit status: 0 done; 1 failed; 2 usage; 3 nothing seen before the time limit;\n"
    "4 done, but events were lost. `dropctl COMMAND --help` and dropctl(8) tell more.";

constexpr Bounds snaplen{.least = 0, .most = DROPTRACE_SNAPLEN_MAX};
constexpr const char *default_stack = "16";

/// Parses into an Invocation that outlives it: CLI11 writes into the options
/// structs through references, and tells which command was meant.
class Parser {
  public:
    Parser();
    Result<Invocation> parse(std::vector<std::string> words);

  private:
    /// A new verb whose options go to *`options`.
    template <typename Options>
    CLI::App &verb(const char *name, const char *text, std::shared_ptr<Options> options);
    void define_globals();
    void define_status();
    void define_add_filter();
    void define_other_filters();
    void define_monitor();
    void define_top();
    void define_lookups();
    void define_trace();
    void define_probes();
    void define_diagnose();
    [[nodiscard]] Error usage(const CLI::ParseError &error,
                              const std::vector<std::string> &words) const;
    [[nodiscard]] Error no_verb(const std::string &word) const;

    CLI::App app_{"Find out where and why the kernel drops packets."};
    Invocation invocation_;
};

/// Options shared by everything that streams.
template <typename Options> void stream_options(CLI::App &verb, Options &options) {
    duration_option(verb, "--timeout", options.timeout, 0,
                    "End after this long (5, 0.5, 500ms, 2m)");
    verb.add_option("--ready-file", options.ready_file, "Create FILE once everything is armed")
        ->type_name("FILE");
}

template <typename Options>
CLI::App &Parser::verb(const char *name, const char *text, std::shared_ptr<Options> options) {
    CLI::App *added = app_.add_subcommand(name, text);
    added->fallthrough();
    added->footer("");
    added->group("Commands");
    added->callback([this, options] { invocation_.command = *options; });
    return *added;
}

Parser::Parser() {
    app_.name("dropctl");
    app_.formatter(std::make_shared<cli::Help>());
    app_.require_subcommand(1);
    app_.footer(exit_statuses);
    app_.set_version_flag("--version", std::string("dropctl ") + DROPCTL_VERSION,
                          "Print the version and exit");
    app_.set_help_flag("-h,--help", "Print this and exit");
    define_globals();
    define_monitor();
    define_diagnose();
    define_trace();
    define_top();
    define_add_filter();
    define_probes();
    define_other_filters();
    define_status();
    define_lookups();
}

void Parser::define_globals() {
    app_.add_flag("-j,--json", invocation_.global.json, "One JSON object a line");
    app_.add_flag("-v,--verbose", invocation_.global.verbose, "All there is to tell");
    choice_option(app_, "--color", invocation_.global.colour,
                  {{"auto", Colour::Auto}, {"always", Colour::Always}, {"never", Colour::Never}},
                  "auto, always or never")
        ->type_name("WHEN");
}

void Parser::define_status() {
    verb("status", "Is the module in, what is armed, what was lost",
         std::make_shared<StatusOptions>());
}

void Parser::define_add_filter() {
    auto options = std::make_shared<AddFilterOptions>();
    CLI::App &added = verb("add-filter", "Choose the drops to report", options);
    added.add_option("expression", options->expr, "pcap-filter(7) expression, as for tcpdump")
        ->type_name("EXPR");
    added.add_option("--name", options->name, "Name to give it")->type_name("NAME");
    added.add_option("--dev", options->dev, "Packets of this interface")->type_name("IF");
    added.add_option("--netns", options->netns, "NAME, /path or inode:N of a network namespace")
        ->type_name("NETNS");
    added.add_option("--mark", options->mark, "Packets with this mark")->type_name("V[/MASK]");
    added.add_option("--reason", options->reasons, "Drop reasons (dropctl reasons lists them)")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("R[,R...]");
    added.add_option("--function", options->function, "Dropped by this function")
        ->type_name("FUNC[@MODULE]");
    added.add_option("--inner", options->inner, "Expression for the packet inside a tunnel")
        ->type_name("EXPR");
    added.add_flag("--exclude", options->exclude, "Never report what matches");
    number_option(added, "--snaplen", options->snaplen, snaplen, "Bytes of the packet to keep");
    number_option(added, "--rate", options->rate, {.least = 1, .most = 1000000},
                  "Report at most N a second");
    number_option(added, "--count", options->count, {}, "Report N, then no more");
    added.footer("Examples:\n"
                 "  dropctl add-filter --name dns udp port 53\n"
                 "  dropctl add-filter --name noise --exclude --reason NO_SOCKET\n"
                 "  dropctl add-filter --inner 'host 192.0.2.7' udp port 4789");
}

void Parser::define_other_filters() {
    auto options = std::make_shared<DelFilterOptions>();
    CLI::App &deleted = verb("del-filter", "Delete filters", options);
    deleted.add_option("filter", options->filters, "Ids or names")->type_name("ID|NAME...");
    deleted.add_flag("--all", options->all, "Every filter");
    verb("list-filters", "Show the filters", std::make_shared<ListFiltersOptions>());
}

void Parser::define_monitor() {
    auto options = std::make_shared<MonitorOptions>();
    CLI::App &added = verb("monitor", "One line a drop, as it happens", options);
    added
        .add_option("filter", options->filters,
                    "Filters by id or name, else an expression as for\n"
                    "tcpdump; none: all filters; no filters: every drop")
        ->type_name("FILTER...|EXPR");
    number_option(added, "--count", options->count, {}, "End after N drops and paths of probes");
    stream_options(added, *options);
    number_option(added, "--ring-size", options->ring_size,
                  {.least = DROPTRACE_RING_MIN, .most = DROPTRACE_RING_MAX, .size = true},
                  "Buffer per CPU in the kernel (2M)");
    number_option(added, "--snaplen", options->snaplen, snaplen,
                  "Bytes of the packet to keep (128)");
    number_option(added, "--stack", options->stack_depth, {.least = 0, .most = DROPTRACE_STACK_MAX},
                  "Record the call stack, DEPTH (16) deep")
        ->type_name("[=DEPTH]");
    choice_option(
        added, "--time", options->time,
        {{"wall", TimeFormat::Wall}, {"delta", TimeFormat::Delta}, {"epoch", TimeFormat::Epoch}},
        "wall, delta (since the last drop) or epoch")
        ->type_name("FORMAT");
    added.footer("Examples:\n"
                 "  dropctl monitor\n"
                 "  dropctl monitor --stack udp port 53\n"
                 "  dropctl monitor -j --count 100 --timeout 10 dns ospf");
}

/// Options of everything that follows functions.
void follow_options(CLI::App &verb, FollowOptions &options) {
    verb.add_option("function", options.functions, "Functions to follow")
        ->type_name("FUNC[@MODULE]...")
        ->required();
    verb.add_option("--values", options.values,
                    "Read a value on the way: EXPR, or \"EXPR @ PLACE\" with\n"
                    "entry, exit, every, LINE or FUNC:LINE as the place")
        ->allow_extra_args(false)
        ->type_name("EXPR");
    number_option(verb, "--callees", options.callees, {.least = 0, .most = 8},
                  "Follow what they call as well, N levels deep");
    verb.add_option("--within", options.within,
                    "Follow packets from this function on, if FUNC has none itself")
        ->allow_extra_args(false)
        ->type_name("FUNC");
    number_option(verb, "--packet-arg", options.packet_arg, {.least = 1, .most = 6},
                  "The packet is argument N of FUNC");
    number_option(verb, "--path-size", options.path_size,
                  {.least = DROPTRACE_PATH_MIN, .most = DROPTRACE_PATH_MAX, .size = true},
                  "Bytes to keep of a path (16K)");
}

/// Options of everything that shows what packets went through.
template <typename Options> void shown_options(CLI::App &verb, Options &options) {
    verb.add_option("--lines", options.lines, "Show these lines only")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("A-B|N[,...]");
    CLI::Option *every =
        verb.add_flag("--every", options.every, "Packets that were not dropped, too");
    number_option(verb, "--passing", options.passing, {.least = 1, .most = 1000000},
                  "At most N packets that were not dropped")
        ->excludes(every);
}

void Parser::define_probes() {
    auto options = std::make_shared<AddProbeOptions>();
    CLI::App &added = verb("add-probe", "Have monitor show lines, as trace does", options);
    follow_options(added, options->follow);
    shown_options(added, *options);
    added.add_option("--name", options->name, "Name to give it")->type_name("NAME");
    duration_option(added, "--expire", options->expire, 0,
                    "Delete it after this long (1h; 0: never)");
    added.add_option("--refused", options->refused)->allow_extra_args(false)->group("");
    added.footer("The packets are chosen behind --, by filters or an expression as for monitor.\n"
                 "Example:\n"
                 "  dropctl add-probe --name rpf __fib_validate_source -- src net 10.9.0.0/16\n"
                 "  dropctl monitor");
    auto deleted = std::make_shared<DelProbeOptions>();
    CLI::App &del = verb("del-probe", "Delete probes", deleted);
    del.add_option("probe", deleted->probes, "Ids or names")->type_name("ID|NAME...");
    del.add_flag("--all", deleted->all, "Every probe");
    verb("list-probes", "Show the probes", std::make_shared<ListProbesOptions>());
}

void Parser::define_trace() {
    auto options = std::make_shared<TraceOptions>();
    CLI::App &added = verb("trace", "The lines that packets took through functions", options);
    follow_options(added, options->follow);
    shown_options(added, *options);
    added.add_flag("--diff", options->diff,
                   "Compare the way of a packet that passed with that of\none dropped");
    added.add_option("--source", options->source, "The kernel's source")->type_name("DIR");
    number_option(added, "--count", options->count, {}, "End after N packets");
    stream_options(added, *options);
    number_option(added, "--ring-size", options->ring_size,
                  {.least = DROPTRACE_RING_MIN, .most = DROPTRACE_RING_MAX, .size = true},
                  "Buffer per CPU in the kernel (2M)");
    added.footer("The packets are chosen behind --, by filters or an expression as for monitor.\n"
                 "Examples:\n"
                 "  dropctl trace ip_rcv_finish_core -- src host 10.10.2.4\n"
                 "  dropctl trace ip_route_input_noref ip_check_mc_rcu --values '@args' -- ospf\n"
                 "  dropctl trace gre_rcv@gre --every --count 1 -- proto gre");
}

void Parser::define_diagnose() {
    auto options = std::make_shared<DiagnoseOptions>();
    CLI::App &added = verb("diagnose", "The line that decided to drop a flow's packets", options);
    added
        .add_option("filter", options->filters,
                    "Filters by id or name, else an expression as for\ntcpdump; none: any drop")
        ->type_name("FILTER...|EXPR");
    number_option(added, "--rounds", options->rounds, {.least = 1, .most = 100},
                  "Look at N (8) drops at most");
    number_option(added, "--count", options->count, {.least = 1},
                  "End after N (1) distinct causes");
    added.add_option("--source", options->source, "The kernel's source")->type_name("DIR");
    added
        .add_option("--html", options->html,
                    "Write a page with the verdict, the chain and the\nsource to FILE as well")
        ->type_name("FILE");
    stream_options(added, *options);
    added.footer("Examples:\n"
                 "  dropctl diagnose src host 10.10.2.4\n"
                 "  dropctl diagnose --timeout 30 --json udp port 53\n"
                 "  dropctl diagnose --html why.html host 192.0.2.7");
}

void Parser::define_top() {
    auto options = std::make_shared<TopOptions>();
    CLI::App &added = verb("top", "Live counts of what is dropped where", options);
    constexpr double shortest = 0.05;
    duration_option(added, "--interval", options->interval, shortest,
                    "Time between two refreshes (1)");
    choice_option(added, "--sort", options->sort,
                  {{"rate", TopSort::Rate},
                   {"total", TopSort::Total},
                   {"reason", TopSort::Reason},
                   {"function", TopSort::Function},
                   {"line", TopSort::Line},
                   {"dev", TopSort::Dev}},
                  "rate, total, reason, function, line or dev")
        ->type_name("COLUMN");
    number_option(added, "--limit", options->limit, {}, "Show N rows");
    number_option(added, "--count", options->count, {}, "End after N refreshes");
    stream_options(added, *options);
    CLI::Option *once = added.add_flag("--once", options->once, "Print one table and end");
    CLI::Option *keep = added.add_flag("--keep", options->keep, "Leave counting on at the end");
    added.add_flag("--off", options->off, "Stop counting that was left on, and end")
        ->excludes(once)
        ->excludes(keep);
    added.add_flag("--reset", options->reset, "Begin again from zero");
    added.footer("On a terminal, q ends it. Counting is on while the command runs; with --keep\n"
                 "it stays on, and `dropctl top --once` shows at any time what was dropped since.");
}

void Parser::define_lookups() {
    auto places = std::make_shared<SymbolizeOptions>();
    CLI::App &symbolize = verb("symbolize", "Function, file and line of kernel addresses", places);
    symbolize.add_option("place", places->places, "0xADDRESS or SYMBOL+OFFSET; else from stdin")
        ->type_name("PLACE...");
    symbolize.add_flag("--exact", places->exact,
                       "The place itself, not the call before a return address");

    auto listed = std::make_shared<LinesOptions>();
    CLI::App &lines = verb("lines", "Which lines of a function can be traced", listed);
    lines.add_option("function", listed->functions, "FUNC, FUNC@MODULE, SYMBOL or 0xADDRESS")
        ->type_name("FUNC...")
        ->required();
    lines.add_option("--source", listed->source, "The kernel's source (else it is looked for)")
        ->type_name("DIR");

    auto read = std::make_shared<VarsOptions>();
    CLI::App &vars = verb("vars", "Which variables can be read in a function", read);
    vars.add_option("place", read->places, "FUNC, FUNC@MODULE or FUNC:LINE; else at its entry")
        ->type_name("PLACE...")
        ->required();

    auto names = std::make_shared<ReasonsOptions>();
    CLI::App &reasons = verb("reasons", "The running kernel's drop reasons", names);
    reasons.add_option("reason", names->names, "Only these, by name or number")
        ->type_name("REASON...");
}

/// Words that nothing took.
std::string unexpected(const std::vector<std::string> &extras) {
    const std::string word = extras.empty() ? std::string() : extras.front();
    return (word.starts_with('-') ? "unknown option '" : "unexpected argument '") + word + "'";
}

/// What was wrong, in our words where CLI11's help nobody.
Error Parser::usage(const CLI::ParseError &error, const std::vector<std::string> &words) const {
    const auto verbs = app_.get_subcommands();
    const std::string name = verbs.empty() ? "" : verbs.front()->get_name();
    const bool extra = dynamic_cast<const CLI::ExtrasError *>(&error) != nullptr;
    if (!name.empty()) {
        return Error{name, extra ? unexpected(app_.remaining(true)) : error.what(),
                     "dropctl " + name + " --help", Exit::Usage};
    }
    const auto word = std::find_if(words.begin(), words.end(), [](const std::string &each) {
        return !each.empty() && each[0] != '-';
    });
    const bool missing = dynamic_cast<const CLI::RequiredError *>(&error) != nullptr;
    if (missing && word != words.end()) {
        return no_verb(*word);
    }
    const std::string why = extra      ? unexpected(app_.remaining(true))
                            : !missing ? error.what()
                                       : "a command is needed";
    return Error{"", why, "dropctl --help", Exit::Usage};
}

Error Parser::no_verb(const std::string &word) const {
    util::NearNames near(word, 2);
    for (const CLI::App *each : app_.get_subcommands(nullptr)) {
        near.offer(each->get_name());
    }
    return Error{"", "there is no command '" + word + "'",
                 util::did_you_mean(near.take(), "`dropctl --help` lists the commands"),
                 Exit::Usage};
}

/// Of commands that follow functions, what stands behind "--" chooses the packets: cut it
/// off, so that it is not taken for further functions.
std::vector<std::string> take_expression(std::vector<std::string> &words) {
    const auto verb = std::find_if(words.begin(), words.end(), [](const std::string &word) {
        return !word.empty() && word[0] != '-';
    });
    const auto end = std::find(words.begin(), words.end(), "--");
    if (verb == words.end() || (*verb != "trace" && *verb != "add-probe") || end == words.end()) {
        return {};
    }
    std::vector<std::string> expression(end + 1, words.end());
    words.erase(end, words.end());
    return expression;
}

Result<Invocation> Parser::parse(std::vector<std::string> words) {
    const std::vector<std::string> expression = take_expression(words);
    try {
        std::vector<std::string> reversed(words.rbegin(), words.rend());
        app_.parse(std::move(reversed));
    } catch (const CLI::CallForHelp &) {
        const auto verbs = app_.get_subcommands();
        return Invocation{invocation_.global,
                          PrintText{verbs.empty() ? app_.help() : verbs.front()->help()}};
    } catch (const CLI::CallForVersion &version) {
        return Invocation{invocation_.global, PrintText{std::string(version.what()) + "\n"}};
    } catch (const CLI::ParseError &error) {
        return usage(error, words);
    }
    if (auto *trace = std::get_if<TraceOptions>(&invocation_.command)) {
        trace->filters = expression;
    } else if (auto *probe = std::get_if<AddProbeOptions>(&invocation_.command)) {
        probe->filters = expression;
    }
    return invocation_;
}

/// "--stack udp" means the default depth and then an expression, "--stack 8" a
/// depth; CLI11 can only always take the next word or never.
void give_depth(std::vector<std::string> &words) {
    for (size_t at = 0; at < words.size() && words[at] != "--"; ++at) {
        const bool depth = at + 1 < words.size() && !words[at + 1].empty() &&
                           words[at + 1].find_first_not_of("0123456789") == std::string::npos;
        if (words[at] == "--stack" && !depth) {
            words[at] += std::string("=") + default_stack;
        }
    }
}

} // namespace

Result<Invocation> parse_command_line(int argc, const char *const *argv) {
    std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    give_depth(words);
    return Parser().parse(std::move(words));
}

} // namespace dropctl
