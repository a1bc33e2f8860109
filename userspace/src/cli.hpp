// SPDX-License-Identifier: GPL-2.0-only
// The command line, parsed: plain Options for every command, one of which an
// Invocation holds. No I/O here; what a word means (a filter's name, a function)
// is the command's business. CLI11 appears in cli.cpp only.
#pragma once

#include "util/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace dropctl {

enum class Colour { Auto, Always, Never };

/// Options that every command takes, before or after the verb.
struct GlobalOptions {
    bool json = false;
    bool verbose = false;
    Colour colour = Colour::Auto;
};

/// --help, --version: text for stdout.
struct PrintText {
    std::string text;
};

struct StatusOptions {};

struct AddFilterOptions {
    std::string name; ///< empty: the module makes one up
    std::string dev;
    std::string netns;                ///< NAME, /path, inode:N; empty: any
    std::string mark;                 ///< V or V/MASK; empty: any
    std::vector<std::string> reasons; ///< names, already split at commas
    std::string function;             ///< FUNC or FUNC@MODULE
    std::string inner;                ///< expression for the packet inside a tunnel
    bool exclude = false;
    std::optional<uint32_t> snaplen; ///< bytes
    uint32_t rate = 0;               ///< events per second, 0: no limit
    uint64_t count = 0;              ///< events, 0: no limit
    std::vector<std::string> expr;   ///< words, to be joined with blanks
};

struct DelFilterOptions {
    std::vector<std::string> filters; ///< ids or names
    bool all = false;
};

struct ListFiltersOptions {};

enum class TimeFormat { Wall, Delta, Epoch };

struct MonitorOptions {
    std::vector<std::string> filters; ///< ids or names; else the words of an expression
    uint64_t count = 0;               ///< events, 0: no limit
    std::optional<double> timeout;    ///< seconds
    std::string ready_file;           ///< created once everything is armed
    uint32_t ring_size = 0;           ///< bytes per CPU, 0: the module's default
    std::optional<uint32_t> snaplen;  ///< bytes
    uint32_t stack_depth = 0;         ///< return addresses
    TimeFormat time = TimeFormat::Wall;
};

enum class TopSort { Rate, Total, Reason, Function, Line, Dev };

struct TopOptions {
    double interval = 1.0; ///< seconds
    TopSort sort = TopSort::Rate;
    size_t limit = 0; ///< rows, 0: as many as fit, or all
    bool once = false;
    bool keep = false;             ///< leave counting on
    bool off = false;              ///< only switch counting off
    bool reset = false;            ///< only begin again from zero
    uint64_t count = 0;            ///< refreshes, 0: no limit
    std::optional<double> timeout; ///< seconds
    std::string ready_file;        ///< created once counting is on
};

struct SymbolizeOptions {
    std::vector<std::string> places; ///< ADDRESS or SYMBOL+OFFSET; empty: read stdin
    bool exact = false;              ///< the place itself, not the call before it
};

struct LinesOptions {
    std::vector<std::string> functions; ///< FUNC, FUNC@MODULE, SYMBOL or 0xADDRESS
    std::string source;                 ///< where the kernel's source lies; empty: looked for
};

struct VarsOptions {
    std::vector<std::string> places; ///< FUNC, FUNC@MODULE, SYMBOL or 0xADDRESS, with :LINE or not
};

struct ReasonsOptions {
    std::vector<std::string> names; ///< names or numbers; empty: all
};

/// Which functions to follow packets through, and what to read on the way.
struct FollowOptions {
    std::vector<std::string> functions; ///< FUNC, FUNC@MODULE, 0xADDRESS
    std::vector<std::string> within;    ///< around functions without a packet of their own
    std::vector<std::string> values;    ///< EXPR or EXPR @ PLACE
    uint32_t callees = 0;               ///< levels of called functions to follow as well
    std::optional<uint32_t> packet_arg; ///< which argument is the packet, from 1
    uint32_t path_size = 0;             ///< bytes kept of a path, 0: the module's default
};

struct TraceOptions {
    FollowOptions follow;
    std::vector<std::string> lines;   ///< "A-B", "N": only these are shown; empty: all
    std::vector<std::string> filters; ///< as for monitor; what stands behind "--"
    bool every = false;               ///< packets that were not dropped, too
    uint32_t passing = 0;             ///< of these, at most so many
    bool diff = false;                ///< the way of one that passed beside that of one dropped
    std::string source;               ///< directory of the kernel's source; empty: look for it
    uint64_t count = 0;               ///< paths, 0: no limit
    std::optional<double> timeout;    ///< seconds
    std::string ready_file;           ///< created once everything is armed
    uint32_t ring_size = 0;           ///< bytes per CPU, 0: the module's default
};

struct AddProbeOptions {
    FollowOptions follow;
    std::string name;                 ///< empty: none
    std::vector<std::string> lines;   ///< as for trace
    std::vector<std::string> filters; ///< what stands behind "--"
    bool every = false;
    uint32_t passing = 0;
    double expire = 3600;             ///< seconds, 0: never
    std::vector<std::string> refused; ///< addresses to do without; not for people
};

struct DelProbeOptions {
    std::vector<std::string> probes; ///< ids or names
    bool all = false;
};

struct ListProbesOptions {};

struct DiagnoseOptions {
    std::vector<std::string> filters; ///< as for monitor
    unsigned rounds = 8;              ///< drops to look at for one diagnosis, at most
    uint64_t count = 1;               ///< distinct causes
    std::string source;               ///< directory of the kernel's source; empty: look for it
    std::string html;                 ///< file for a page; empty: none
    std::optional<double> timeout;    ///< seconds
    std::string ready_file;           ///< created once drops are waited for
};

using Command = std::variant<PrintText, StatusOptions, AddFilterOptions, DelFilterOptions,
                             ListFiltersOptions, MonitorOptions, TopOptions, SymbolizeOptions,
                             LinesOptions, VarsOptions, ReasonsOptions, TraceOptions,
                             AddProbeOptions, DelProbeOptions, ListProbesOptions, DiagnoseOptions>;

struct Invocation {
    GlobalOptions global;
    Command command;
};

/// Parse argv. A usage error is an Error with Exit::Usage.
Result<Invocation> parse_command_line(int argc, const char *const *argv);

} // namespace dropctl
