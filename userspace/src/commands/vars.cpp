// SPDX-License-Identifier: GPL-2.0-only
// dropctl vars: the variables that can be read at the entry of a function or at one
// of its lines, and those that cannot. Needs no module.
#include "commands/vars.hpp"

#include "render/vars_view.hpp"
#include "util/parse.hpp"
#include "values/prototype.hpp"
#include "values/variable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

namespace dropctl::commands {

namespace {

constexpr const char *argument_registers[] = {"rdi", "rsi", "rdx", "rcx", "r8", "r9"};

/// Without debug information, what BTF knows of the parameters at the entry.
std::vector<values::Variable> from_prototype(const values::Prototype &prototype) {
    std::vector<values::Variable> found;
    for (const values::PrototypeParameter &parameter : prototype.parameters) {
        values::Variable variable{.name = parameter.name,
                                  .type = parameter.type,
                                  .kind = values::VariableKind::Parameter,
                                  .function = prototype.function};
        variable.readable = parameter.argument.has_value();
        variable.where = variable.readable
                             ? fmt::format("in {}", argument_registers[*parameter.argument])
                             : std::string("not known without debug information");
        found.push_back(std::move(variable));
    }
    return found;
}

/// The same variables in the same places.
bool same(const render::VarsReport &a, const render::VarsReport &b) {
    return a.frames.size() == b.frames.size() &&
           std::equal(a.variables.begin(), a.variables.end(), b.variables.begin(),
                      b.variables.end(), [](const values::Variable &x, const values::Variable &y) {
                          return x.name == y.name && x.where == y.where &&
                                 x.function == y.function && x.level == y.level;
                      });
}

class Listing {
  public:
    Listing(Context &context, code::KernelCode &kernel, values::Types &types)
        : context_(context), kernel_(kernel), types_(types) {}

    Result<void> list(const FunctionLine &wanted);
    void finish();

  private:
    void list_places(const code::Function &function, const std::vector<uint64_t> &addresses,
                     std::optional<uint32_t> line);
    render::VarsReport report(const code::Function &function, uint64_t address,
                              std::optional<uint32_t> line);
    void print(const render::VarsReport &report);
    Error no_code(const FunctionLine &wanted, const std::vector<code::Function> &functions);

    Context &context_;
    code::KernelCode &kernel_;
    values::Types &types_;
    bool first_ = true;
};

Result<void> Listing::list(const FunctionLine &wanted) {
    const code::FunctionSearch search = kernel_.find(wanted.function);
    if (!search) {
        return code::KernelCode::failure("vars", search);
    }
    std::vector<code::Function> functions;
    bool any = false;
    for (const code::Instance &instance : search.instances) {
        auto function = kernel_.function(instance);
        if (!function) {
            return function.error();
        }
        const std::vector<uint64_t> addresses =
            wanted.line ? addresses_of_line(function->lines, function->declared_in, *wanted.line)
                        : std::vector<uint64_t>{function->address};
        any = any || !addresses.empty();
        list_places(*function, addresses, wanted.line);
        functions.push_back(std::move(*function));
    }
    return any ? Result<void>() : no_code(wanted, functions);
}

Error Listing::no_code(const FunctionLine &wanted, const std::vector<code::Function> &functions) {
    std::set<uint32_t> near;
    bool described = false;
    for (const code::Function &function : functions) {
        described = described || !function.lines.empty();
        const auto some = nearest_lines(function.lines, function.declared_in, *wanted.line);
        near.insert(some.begin(), some.end());
    }
    if (!described) {
        return Error{"vars", "there are no lines without debug information", kernel_.hint()};
    }
    return Error{.what = "vars",
                 .why = fmt::format("line {} of {} has no code", *wanted.line, wanted.function),
                 .hint = near.empty() ? std::string()
                                      : fmt::format("the nearest that have are {}",
                                                    fmt::join(near, " and ")),
                 .status = Exit::Usage};
}

/// Without a line, that of the entry.
render::VarsReport Listing::report(const code::Function &function, uint64_t address,
                                   std::optional<uint32_t> line) {
    const values::Place place{
        .image = kernel_.image(function.module), .module = function.module, .address = address};
    const values::Place entry{
        .image = place.image, .module = function.module, .address = function.address};
    const values::Prototype prototype = values::prototype_of(types_, entry, function.symbol);
    render::VarsReport report;
    report.function = function.function;
    report.symbol = function.symbol;
    report.module = function.module;
    report.address = address;
    report.offset = address - function.address;
    report.returns = prototype.known() ? prototype.returns->text() : std::string();
    report.frames = function.frames(address);
    if (!line && !report.frames.empty() && function.declared_line != 0) {
        report.frames = {{.function = function.function,
                          .file = function.declared_in,
                          .line = function.declared_line}};
    }
    // An address can belong to several lines at once; the one asked for is meant.
    const auto asked = std::find_if(report.frames.begin(), report.frames.end(),
                                    [&](const Frame &each) { return each.line == line; });
    if (line && asked != report.frames.end()) {
        report.frames.erase(report.frames.begin(), asked);
    }
    report.variables = values::variables_at(types_, place);
    if (report.variables.empty() && !line) {
        report.variables = from_prototype(prototype);
    }
    return report;
}

void Listing::list_places(const code::Function &function, const std::vector<uint64_t> &addresses,
                          std::optional<uint32_t> line) {
    std::vector<render::VarsReport> shown;
    for (const uint64_t address : addresses) {
        render::VarsReport next = report(function, address, line);
        const bool known = std::any_of(shown.begin(), shown.end(),
                                       [&](const auto &each) { return same(each, next); });
        if (known && !context_.options.verbose) {
            continue;
        }
        print(next);
        shown.push_back(std::move(next));
    }
}

void Listing::print(const render::VarsReport &report) {
    if (context_.options.json) {
        util::Writer json;
        render::append_json(json, report);
        context_.out.write(json.view());
        return;
    }
    const util::Paint paint(util::want_colour(context_.options.colour, context_.out));
    context_.out.write((first_ ? "" : "\n") + render::vars_text(report, paint));
    first_ = false;
}

void Listing::finish() {
    if (const std::string hint = kernel_.hint(); !hint.empty()) {
        context_.out.flush();
        context_.err.write("hint: " + hint + "\n");
        context_.err.flush();
    }
}

} // namespace

Result<FunctionLine> split_line(const std::string &text) {
    const size_t colon = text.rfind(':');
    if (colon == std::string::npos) {
        return FunctionLine{.function = text, .line = std::nullopt};
    }
    const auto line = util::parse_number(text.substr(colon + 1));
    if (!line || *line == 0 || *line > std::numeric_limits<uint32_t>::max() || colon == 0) {
        return Error{"vars", fmt::format("'{}' is no function and line", text),
                     "FUNC, FUNC@MODULE or FUNC:LINE", Exit::Usage};
    }
    return FunctionLine{.function = text.substr(0, colon), .line = static_cast<uint32_t>(*line)};
}

std::vector<uint64_t> addresses_of_line(const code::LineTable &lines, const std::string &file,
                                        uint32_t line) {
    const auto of = [&](bool own) {
        std::vector<uint64_t> found;
        uint64_t end = 0; // of the stretch that the last one began
        for (const code::LineRow &row : lines.rows) {
            if (row.line != line || row.file >= lines.files.size() ||
                (lines.files[row.file] == file) != own) {
                continue;
            }
            const bool goes_on = !found.empty() && row.address <= end;
            if (!goes_on && row.is_stmt) {
                found.push_back(row.address);
            }
            end = std::max(end, row.end);
        }
        return found;
    };
    std::vector<uint64_t> found = of(true);
    return found.empty() ? of(false) : found;
}

std::vector<uint32_t> nearest_lines(const code::LineTable &lines, const std::string &file,
                                    uint32_t line) {
    uint32_t below = 0;
    uint32_t above = 0;
    for (const code::LineRow &row : lines.rows) {
        if (row.line == 0 || !row.is_stmt || row.file >= lines.files.size() ||
            lines.files[row.file] != file) {
            continue;
        }
        if (row.line <= line) {
            below = std::max(below, row.line);
        } else if (above == 0 || row.line < above) {
            above = row.line;
        }
    }
    std::vector<uint32_t> found;
    for (const uint32_t each : {below, above}) {
        if (each != 0) {
            found.push_back(each);
        }
    }
    return found;
}

Result<Exit> vars(const VarsOptions &options, Context &context, code::KernelCode &kernel,
                  values::Types &types) {
    Listing listing(context, kernel, types);
    for (const std::string &text : options.places) {
        const auto wanted = split_line(text);
        if (!wanted) {
            return wanted.error();
        }
        if (auto done = listing.list(*wanted); !done) {
            return done.error();
        }
    }
    listing.finish();
    return Exit::Done;
}

Result<Exit> vars(const VarsOptions &options, Context &context) {
    code::CodeOptions settings;
    settings.symbols.progress = [&context](const std::string &what) {
        context.err.write("dropctl: " + what + "\n");
        context.err.flush();
    };
    code::KernelCode kernel(std::move(settings));
    values::Types types;
    return vars(options, context, kernel, types);
}

} // namespace dropctl::commands
