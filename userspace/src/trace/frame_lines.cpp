// SPDX-License-Identifier: GPL-2.0-only
#include "trace/frame_lines.hpp"

#include "code/reconstruction.hpp"

#include <algorithm>
#include <span>

namespace dropctl::trace {

namespace {

std::vector<std::string> names_of(const std::vector<Frame> &frames) {
    std::vector<std::string> names;
    for (const Frame &frame : frames) {
        names.push_back(frame.function);
    }
    return names;
}

class Writer {
  public:
    Writer(const PlannedFunction &function, const Plan &plan, const Invocation &invocation,
           const std::vector<FollowedCall> &calls, const std::vector<uint64_t> &drops,
           values::Types &types, const values::SymbolNamer &symbol, ReportedFrame &frame)
        : function_(function), plan_(plan), invocation_(invocation), calls_(calls), drops_(drops),
          types_(types), symbol_(symbol), frame_(frame) {}

    void write();

  private:
    [[nodiscard]] std::vector<uint32_t> hits() const;
    void block(const code::PathStep &step);
    using Row = std::vector<code::LineRow>::const_iterator;
    void add_rows(Row row, uint64_t end);
    void add_line(uint64_t address, const code::LineRow *row);
    void add_call(const code::Block &block, const code::PathStep &step);
    void add_values(size_t passed, std::vector<NamedValue> &list);
    void add_block_values(const code::Block &block, const code::PathStep &step);
    [[nodiscard]] std::optional<uint64_t> returned(uint32_t call) const;
    const FollowedCall *followed(const code::Call &call);
    [[nodiscard]] bool calls_directly(uint64_t entry) const;
    [[nodiscard]] bool more_calls(const std::vector<code::PathStep> &steps, size_t from) const;
    void describe(ReportedCall &call, const code::Call &made, uint64_t value);
    void unprobed();

    const PlannedFunction &function_;
    const Plan &plan_;
    const Invocation &invocation_;
    const std::vector<FollowedCall> &calls_;
    const std::vector<uint64_t> &drops_;
    values::Types &types_;
    const values::SymbolNamer &symbol_;
    ReportedFrame &frame_;
    size_t hit_ = 0;         ///< passed up to the block under way
    bool last_call_ = false; ///< the block under way has the last call before the next hit
    std::span<const code::PathStep> next_; ///< steps behind the one under way
    std::vector<bool> told_calls_ = std::vector<bool>(calls_.size());
    std::vector<bool> told_values_ = std::vector<bool>(invocation_.values.size());
};

std::vector<uint32_t> Writer::hits() const {
    std::vector<uint32_t> hits;
    hits.reserve(invocation_.passed.size());
    for (const Passed &passed : invocation_.passed) {
        hits.push_back(plan_.origins[passed.point].index);
    }
    return hits;
}

void Writer::add_line(uint64_t address, const code::LineRow *row) {
    const auto frames = function_.code.frames(address);
    ReportedLine line;
    line.address = address;
    line.offset = address - function_.code.address;
    line.inlined = names_of(frames);
    if (row != nullptr) {
        line.file = function_.code.lines.files[row->file];
        line.line = row->line;
    }
    for (auto item = frame_.items.rbegin(); item != frame_.items.rend(); ++item) {
        const auto *last = std::get_if<ReportedLine>(&*item);
        if (last != nullptr && last->same_place(line)) {
            return; // the same line goes on, perhaps behind a call
        }
        const auto *call = std::get_if<ReportedCall>(&*item);
        if (call == nullptr || call->frame) {
            break;
        }
    }
    frame_.items.emplace_back(std::move(line));
}

void Writer::add_values(size_t passed, std::vector<NamedValue> &list) {
    for (size_t i = 0; i < invocation_.values.size(); ++i) {
        const ReadValue &value = invocation_.values[i];
        if (value.passed != passed || told_values_[i]) {
            continue;
        }
        told_values_[i] = true;
        const auto &items = plan_.items[value.point];
        if (value.item >= items.size()) {
            continue;
        }
        const values::Item &item = items[value.item];
        const std::string_view bytes(reinterpret_cast<const char *>(value.bytes.data()),
                                     value.bytes.size());
        list.push_back({.expression = item.text,
                        .type = item.type != nullptr ? item.type->text() : std::string(),
                        .value = values::decode(types_, item, value.status, bytes, symbol_)});
    }
}

/// What was read in a block goes to the line that it was read at.
void Writer::add_block_values(const code::Block &block, const code::PathStep &step) {
    if (step.first_hit == code::no_index) {
        return;
    }
    for (uint32_t i = 0; i < step.hits; ++i) {
        const size_t passed = step.first_hit + i;
        const uint64_t address = plan_.point(invocation_.passed[passed].point).address;
        const code::LineRow *row = function_.code.lines.row_at(address);
        ReportedLine *best = nullptr;
        for (ReportedItem &item : frame_.items) {
            auto *line = std::get_if<ReportedLine>(&item);
            if (line != nullptr &&
                (best == nullptr || line->address <= address || line->address < block.start) &&
                (row == nullptr || line->line == row->line || best == nullptr)) {
                best = line;
            }
        }
        add_values(passed, best != nullptr ? best->values : frame_.values);
    }
}

/// What a call returned: 0 if the way says so, or kept by the next point that reads it.
std::optional<uint64_t> Writer::returned(uint32_t call) const {
    if (const code::ZeroTest *test = function_.placement.test_of(call)) {
        const bool known = next_.size() > 1 && next_[0].join == code::Join::Edge &&
                           next_[1].join == code::Join::Edge;
        if (!known || next_[1].block == test->zero) {
            return known ? std::optional<uint64_t>(0) : std::nullopt;
        }
    }
    for (size_t i = hit_; i < invocation_.passed.size(); ++i) {
        const Passed &passed = invocation_.passed[i];
        const code::Point &point = plan_.point(passed.point);
        if (point.kind == code::PointKind::Block && point.reads(call) && passed.reg) {
            return point.reg_bytes == 4 ? *passed.reg & 0xffffffffU : *passed.reg;
        }
        // Behind the next hit of the block itself, another round of a loop has begun.
    }
    return std::nullopt;
}

/// This function calls that one itself, by name.
bool Writer::calls_directly(uint64_t entry) const {
    const auto &calls = function_.code.cfg.calls;
    return std::any_of(calls.begin(), calls.end(),
                       [entry](const code::Call &call) { return call.target == entry; });
}

/// The followed function that a call led to: by itself, or, for the last call before the
/// next hit, through a function that was not followed.
const FollowedCall *Writer::followed(const code::Call &call) {
    for (size_t i = 0; i < calls_.size(); ++i) {
        const FollowedCall &made = calls_[i];
        if (told_calls_[i] || made.caller_passed > hit_) {
            continue;
        }
        if (call.target == made.entry ||
            (!calls_directly(made.entry) && (call.target == 0 || last_call_))) {
            told_calls_[i] = true;
            return &made;
        }
    }
    return nullptr;
}

void Writer::describe(ReportedCall &call, const code::Call &made, uint64_t value) {
    const values::Place nowhere{.image = {}, .module = made.module, .address = made.target};
    const values::Prototype prototype = values::prototype_of(types_, nowhere, made.symbol);
    const values::ReturnValue returned = values::describe_return(types_, prototype, value);
    if (returned.is_void) {
        return;
    }
    call.retval = returned.number;
    call.retval_text = returned.name;
    call.retval_full = returned.text;
}

void Writer::add_call(const code::Block &block, const code::PathStep & /*step*/) {
    if (block.call == code::no_index) {
        return;
    }
    const code::Call &made = function_.code.cfg.calls[block.call];
    ReportedCall call;
    const code::LineRow *row = function_.code.lines.row_at(made.address);
    if (row != nullptr) {
        add_line(made.address, row);
        call.file = function_.code.lines.files[row->file];
        call.line = row->line;
    }
    call.callee = made.callee;
    call.is_tail = made.is_tail();
    auto value = made.is_tail() ? std::nullopt : returned(block.call);
    if (const FollowedCall *child = followed(made)) {
        call.frame = child->frame;
        value = value ? value : child->retval;
    }
    if (value) {
        describe(call, made, *value);
    }
    frame_.items.emplace_back(std::move(call));
    for (const uint64_t drop : drops_) {
        if (drop == made.return_address) {
            for (auto item = frame_.items.rbegin(); item != frame_.items.rend(); ++item) {
                if (auto *line = std::get_if<ReportedLine>(&*item)) {
                    line->dropped = true;
                    break;
                }
            }
        }
    }
}

/// There are calls in the blocks from a step on, up to the next hit.
bool Writer::more_calls(const std::vector<code::PathStep> &steps, size_t from) const {
    for (size_t i = from; i < steps.size() && steps[i].first_hit == code::no_index; ++i) {
        if (function_.code.cfg.blocks[steps[i].block].call != code::no_index) {
            return true;
        }
    }
    return false;
}

/// Of several rows at one address, those before the last stand for no code.
void Writer::add_rows(Row row, uint64_t end) {
    const auto &rows = function_.code.lines.rows;
    const code::LineRow *last = nullptr;
    for (; row != rows.end() && row->address < end; ++row) {
        if (row->is_stmt && row->line != 0) {
            last = &*row;
        }
        const auto next = std::next(row);
        if (last != nullptr && (next == rows.end() || next->address != row->address)) {
            add_line(last->address, last);
            last = nullptr;
        }
    }
}

void Writer::block(const code::PathStep &step) {
    if (step.join == code::Join::Ambiguous) {
        frame_.certain = false;
        frame_.items.emplace_back(Doubt{"more than one way leads here"});
    } else if (step.join == code::Join::Impossible) {
        frame_.certain = false;
        frame_.items.emplace_back(Doubt{"a point was missed on the way here"});
    }
    const code::Block &block = function_.code.cfg.blocks[step.block];
    if (step.first_hit != code::no_index) {
        hit_ = step.first_hit + step.hits;
    }
    const code::LineTable &table = function_.code.lines;
    if (table.empty()) {
        add_line(block.start, nullptr);
    } else {
        const auto from = std::lower_bound(
            table.rows.begin(), table.rows.end(), block.start,
            [](const code::LineRow &row, uint64_t start) { return row.address < start; });
        if (from == table.rows.end() || from->address != block.start) {
            if (const code::LineRow *row = table.row_at(block.start)) {
                add_line(block.start, row);
            }
        }
        add_rows(from, block.end);
    }
    add_block_values(block, step);
    add_call(block, step);
}

/// Lines of which it is not known whether they ran: those of blocks without a point,
/// where the way is in doubt.
void Writer::unprobed() {
    for (const code::BlockIndex blind : function_.placement.blind) {
        const code::LineRow *row =
            function_.code.lines.row_at(function_.code.cfg.blocks[blind].start);
        if (row != nullptr && row->line != 0) {
            frame_.unprobed.push_back(row->line);
        }
    }
    std::sort(frame_.unprobed.begin(), frame_.unprobed.end());
    frame_.unprobed.erase(std::unique(frame_.unprobed.begin(), frame_.unprobed.end()),
                          frame_.unprobed.end());
}

void Writer::write() {
    const code::Reconstruction reconstruction(function_.code, function_.placement);
    const std::vector<uint32_t> hits = this->hits();
    code::FrameEnd end;
    end.ended = invocation_.ended;
    for (const uint64_t drop : drops_) {
        if (function_.code.cfg.block_at(drop - 1) != code::no_index) {
            end.address = drop - 1;
        }
    }
    const code::BlockPath path = reconstruction.path(hits, end);
    frame_.truncated = !path.complete;
    for (size_t i = 0; i < path.steps.size(); ++i) {
        last_call_ = !more_calls(path.steps, i + 1);
        next_ = std::span(path.steps).subspan(i + 1);
        block(path.steps[i]);
    }
    // What no line took.
    for (size_t i = 0; i < invocation_.passed.size(); ++i) {
        add_values(i, frame_.values);
    }
    fold(frame_.items);
    unprobed();
}

} // namespace

void add_lines(const PlannedFunction &function, const Plan &plan, const Invocation &invocation,
               const std::vector<FollowedCall> &calls, const std::vector<uint64_t> &drops,
               values::Types &types, const values::SymbolNamer &symbol, ReportedFrame &frame) {
    Writer(function, plan, invocation, calls, drops, types, symbol, frame).write();
}

} // namespace dropctl::trace
