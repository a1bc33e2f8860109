// SPDX-License-Identifier: GPL-2.0-only
#include "trace/planner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace dropctl::trace {

namespace {

bool has_line(const code::Function &function, const ValueWish &wish) {
    return wish.function.empty() || wish.function == function.function ||
           std::any_of(
               function.lines.scopes.begin(), function.lines.scopes.end(),
               [&](const code::InlineScope &scope) { return scope.function == wish.function; }) ||
           std::any_of(function.lines.files.begin(), function.lines.files.end(),
                       [&](const std::string &file) { return file.ends_with(wish.function); });
}

/// A row is of the line that a wish names.
bool is_of(const code::Function &function, const code::LineRow &row, const ValueWish &wish) {
    if (row.line != wish.line) {
        return false;
    }
    if (wish.function.empty()) {
        return true;
    }
    const auto frames = function.frames(row.address);
    return function.lines.files[row.file].ends_with(wish.function) ||
           (!frames.empty() && frames.front().function == wish.function);
}

/// Where each stretch of a line's code begins.
std::vector<uint64_t> addresses_of(const code::Function &function, const ValueWish &wish) {
    std::vector<uint64_t> addresses;
    for (const code::LineRow &row : function.lines.rows) {
        if (row.is_stmt && is_of(function, row, wish) &&
            function.cfg.instruction_at(row.address) != nullptr) {
            addresses.push_back(row.address);
        }
    }
    addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
    return addresses;
}

} // namespace

values::Place Planner::place(const code::Function &function, uint64_t address) {
    return {.image = code_.image(function.module), .module = function.module, .address = address};
}

Result<void> Planner::add(const FunctionWish &wish) {
    const auto same = [&wish](const Added &added) {
        return added.code.address == wish.instance.address;
    };
    const auto found = std::find_if(functions_.begin(), functions_.end(), same);
    if (found != functions_.end()) {
        found->wish.carrier = found->wish.carrier && wish.carrier;
        return {};
    }
    auto function = code_.function(wish.instance);
    if (!function) {
        return function.error();
    }
    Added added{.wish = wish, .code = std::move(*function), .prototype = {}, .packet = {}};
    const values::Place entry = place(added.code, added.code.address);
    added.prototype = values::prototype_of(types_, entry, added.code.symbol);
    if (wish.packet_arg) {
        auto given =
            values::given_packet_argument(types_, entry, added.code.symbol, *wish.packet_arg);
        if (!given) {
            return given.error();
        }
        added.packet = std::move(*given);
    } else {
        added.packet = values::find_packet_argument(types_, entry, added.code.symbol);
    }
    functions_.push_back(std::move(added));
    return {};
}

void Planner::refuse(const std::set<uint64_t> &addresses) {
    refused_.insert(addresses.begin(), addresses.end());
}

std::vector<std::string> Planner::without_packet() const {
    std::vector<std::string> names;
    for (const Added &added : functions_) {
        if (!added.packet) {
            names.push_back(added.code.function);
        }
    }
    return names;
}

std::vector<code::Call> Planner::callees() const {
    std::vector<code::Call> calls;
    for (const Added &added : functions_) {
        if (added.wish.carrier) {
            continue;
        }
        for (const code::Call &call : added.code.cfg.calls) {
            const auto followed = [&call](const Added &other) {
                return other.code.address == call.target;
            };
            if (call.target != 0 && call.returns &&
                std::none_of(functions_.begin(), functions_.end(), followed)) {
                calls.push_back(call);
            }
        }
    }
    return calls;
}

/// Not void, as far as is known.
bool Planner::returns_something(const code::Call &call) {
    if (call.symbol.empty()) {
        return true;
    }
    const auto known = returns_.find(call.symbol);
    if (known != returns_.end()) {
        return known->second;
    }
    const values::Place nowhere{.image = {}, .module = call.module, .address = call.target};
    const values::Prototype prototype = values::prototype_of(types_, nowhere, call.symbol);
    const bool returns = !prototype.known() || !prototype.returns_void();
    returns_.emplace(call.symbol, returns);
    return returns;
}

code::PlacementWishes Planner::wishes(const Added &added) {
    code::PlacementWishes wishes;
    wishes.refused = refused_;
    const code::Cfg &cfg = added.code.cfg;
    for (uint32_t i = 0; i < cfg.calls.size(); ++i) {
        const code::Call &call = cfg.calls[i];
        if (call.returns && !call.is_tail() && returns_something(call)) {
            wishes.calls.push_back(i);
        }
    }
    for (const ValueWish &wish : values_) {
        if (wish.place == ValuePlace::Line && has_line(added.code, wish)) {
            const auto addresses = addresses_of(added.code, wish);
            wishes.addresses.insert(wishes.addresses.end(), addresses.begin(), addresses.end());
        }
        wishes.every_block = wishes.every_block || wish.place == ValuePlace::Every;
    }
    for (const RawCapture &capture : captures_) {
        if (cfg.block_at(capture.address) != code::no_index) {
            wishes.addresses.push_back(capture.address);
        }
    }
    return wishes;
}

code::Placement Planner::placement(const Added &added) {
    if (!added.wish.carrier) {
        return code::place_points(added.code, wishes(added));
    }
    code::PlacementWishes refused;
    refused.refused = refused_;
    code::Placement placement = code::place_points(added.code, refused);
    std::erase_if(placement.points,
                  [](const code::Point &point) { return point.kind == code::PointKind::Block; });
    return placement;
}

void Planner::add_frame(const Added &added, Plan &plan) {
    droptrace_frame frame{};
    frame.entry = added.code.address;
    frame.packet = DROPTRACE_NONE;
    if (added.packet) {
        frame.packet = static_cast<uint32_t>(plan.points.programs.size());
        plan.points.programs.push_back(added.packet->program);
        frame.flags = DROPTRACE_FRAME_ROOT | added.packet->frame_flags;
    } else if (added.wish.carrier || added.wish.whatever) {
        frame.flags = DROPTRACE_FRAME_ROOT | DROPTRACE_FRAME_ANY;
    }
    plan.points.frames.push_back(frame);
}

void Planner::add_points(const code::Placement &placement, Plan &plan) {
    const auto frame = static_cast<uint16_t>(plan.functions.size());
    for (uint32_t i = 0; i < placement.points.size(); ++i) {
        const code::Point &chosen = placement.points[i];
        droptrace_point point{};
        point.address = chosen.address;
        point.prog = DROPTRACE_NONE;
        point.frame = frame;
        point.sp_offset = chosen.sp_offset;
        point.kind =
            static_cast<uint8_t>(chosen.kind == code::PointKind::Entry  ? DROPTRACE_POINT_ENTRY
                                 : chosen.kind == code::PointKind::Exit ? DROPTRACE_POINT_EXIT
                                                                        : DROPTRACE_POINT_BLOCK);
        point.reg = chosen.reg == code::no_register ? uint8_t{DROPTRACE_NO_REG}
                                                    : static_cast<uint8_t>(chosen.reg);
        plan.points.points.push_back(point);
        plan.origins.push_back({.frame = frame, .index = i});
        plan.frame_of.push_back(frame);
    }
}

Result<Plan> Planner::plan() {
    Plan plan;
    for (const Added &added : functions_) {
        code::Placement placement = this->placement(added);
        if (plan.points.points.size() + placement.points.size() > DROPTRACE_POINTS_MAX) {
            return Error{"trace",
                         fmt::format("{} and the functions before it need more than {} points",
                                     added.code.function, DROPTRACE_POINTS_MAX),
                         "fewer functions, or --lines"};
        }
        const auto first = static_cast<uint16_t>(plan.points.points.size());
        add_frame(added, plan);
        add_points(placement, plan);
        plan.functions.push_back({.code = added.code,
                                  .placement = std::move(placement),
                                  .prototype = added.prototype,
                                  .packet = added.packet,
                                  .root = plan.points.frames.back().flags != 0,
                                  .carrier = added.wish.carrier,
                                  .first_point = first});
    }
    plan.items.resize(plan.points.points.size());
    if (auto added = add_values(plan); !added) {
        return added.error();
    }
    add_captures(plan);
    return plan;
}

void Planner::add_captures(Plan &plan) const {
    for (size_t number = 0; number < plan.points.points.size(); ++number) {
        FetchProgram program;
        std::vector<values::Item> items;
        for (const RawCapture &capture : captures_) {
            if (capture.address != plan.points.points[number].address) {
                continue;
            }
            // A fault goes on behind the capture, with the next one.
            program.push_back({.op = DROPTRACE_OP_ITEM,
                               .off = static_cast<int16_t>(capture.fetch.size()),
                               .imm = static_cast<int32_t>(items.size())});
            program.insert(program.end(), capture.fetch.begin(), capture.fetch.end());
            items.emplace_back();
        }
        if (items.empty() || plan.points.points[number].prog != DROPTRACE_NONE) {
            continue;
        }
        program.push_back({.op = DROPTRACE_OP_END});
        plan.points.points[number].prog = static_cast<uint32_t>(plan.points.programs.size());
        plan.points.programs.push_back(std::move(program));
        plan.items[number] = std::move(items);
    }
}

/// Compile expressions for a point; nothing if none gives a value there.
std::optional<values::Compiled> Planner::compile(const std::set<size_t> &chosen, uint16_t number,
                                                 const Plan &plan) {
    std::vector<values::Expression> expressions;
    for (const size_t wish : chosen) {
        // A copy: what was parsed once can be parsed again.
        auto copy = values::Expression::parse(values_[wish].expression.text());
        if (!copy) {
            return std::nullopt;
        }
        expressions.push_back(std::move(*copy));
    }
    const code::Point &point = plan.point(number);
    values::PointContext context;
    context.at_exit = point.kind == code::PointKind::Exit && point.reg != code::no_register;
    context.retval_register = context.at_exit ? static_cast<uint8_t>(point.reg) : uint8_t{0};
    auto compiled = values::compile(types_, place(plan.function_of(number).code, point.address),
                                    expressions, context);
    for (values::Complaint &complaint : compiled.complaints) {
        const size_t wish = *std::next(chosen.begin(), static_cast<long>(complaint.expression));
        // That the name exists but has no value here says more than that it does not exist.
        const auto known = complaints_.find(wish);
        if (known == complaints_.end() || complaint.unavailable || !known->second.unavailable) {
            complaints_.insert_or_assign(wish, complaint);
        }
    }
    if (compiled.point.items.empty()) {
        return std::nullopt;
    }
    return compiled;
}

bool Planner::compile_at(size_t wish, uint16_t number, const Plan &plan) {
    return compile({wish}, number, plan).has_value();
}

void Planner::choose_points(size_t wish, const Plan &plan, Wanted &wanted) {
    const ValueWish &value = values_[wish];
    for (const PlannedFunction &function : plan.functions) {
        if (function.carrier) {
            continue;
        }
        bool at_entry = false;
        const auto lines = value.place == ValuePlace::Line ? addresses_of(function.code, value)
                                                           : std::vector<uint64_t>();
        for (uint32_t i = 0; i < function.placement.points.size(); ++i) {
            const code::Point &point = function.placement.points[i];
            const auto number = static_cast<uint16_t>(function.first_point + i);
            bool here = false;
            switch (value.place) {
            case ValuePlace::Entry:
                here = point.kind == code::PointKind::Entry;
                break;
            case ValuePlace::Exit:
                here = point.kind == code::PointKind::Exit;
                break;
            case ValuePlace::Line:
                here = std::binary_search(lines.begin(), lines.end(), point.address);
                break;
            case ValuePlace::Every:
                here = true;
                break;
            case ValuePlace::Anywhere:
                here = point.kind == code::PointKind::Entry || !at_entry;
                break;
            }
            if (here && compile_at(wish, number, plan)) {
                wanted[number].insert(wish);
                at_entry = at_entry || point.kind == code::PointKind::Entry;
            }
        }
    }
}

void Planner::compile_points(const Wanted &wanted, Plan &plan) {
    for (const auto &[number, chosen] : wanted) {
        auto compiled = compile(chosen, number, plan);
        if (!compiled) {
            continue;
        }
        plan.points.points[number].prog = static_cast<uint32_t>(plan.points.programs.size());
        plan.points.programs.push_back(std::move(compiled->point.program));
        plan.items[number] = std::move(compiled->point.items);
    }
}

Error Planner::complaint(size_t wish) const {
    const auto found = complaints_.find(wish);
    const std::string &text = values_[wish].expression.text();
    if (found == complaints_.end()) {
        return Error{"--values", "no point at which '" + text + "' could be read"};
    }
    const values::Complaint &complaint = found->second;
    return Error{"--values", complaint.why + "\n" + complaint.marked(text), complaint.hint,
                 complaint.unavailable ? Exit::Failed : Exit::Usage};
}

Result<void> Planner::add_values(Plan &plan) {
    Wanted wanted;
    for (size_t wish = 0; wish < values_.size(); ++wish) {
        complaints_.erase(wish);
        Wanted chosen;
        choose_points(wish, plan, chosen);
        for (auto &[number, wishes] : chosen) {
            wanted[number].merge(wishes);
        }
        if (chosen.empty()) {
            return complaint(wish);
        }
    }
    compile_points(wanted, plan);
    return {};
}

} // namespace dropctl::trace
