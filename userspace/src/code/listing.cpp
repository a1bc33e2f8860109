// SPDX-License-Identifier: GPL-2.0-only
#include "code/listing.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace dropctl::code {

namespace {

/// Outermost first: where a line is called from decides before the line itself, so
/// that what is inlined comes behind the line that calls it, function by function.
bool reads_before(const ListedLine &a, const ListedLine &b) {
    return std::lexicographical_compare(a.frames.rbegin(), a.frames.rend(), b.frames.rbegin(),
                                        b.frames.rend(), [](const Frame &x, const Frame &y) {
                                            return std::tie(x.function, x.file, x.line) <
                                                   std::tie(y.function, y.file, y.line);
                                        });
}

class Lister {
  public:
    Lister(const Function &function, const Placement &placement)
        : function_(function), placement_(placement) {}

    std::vector<ListedLine> run() {
        for (const LineRow &row : function_.lines.rows) {
            if (row.line != 0) {
                add(row);
            }
        }
        for (uint32_t i = 0; i < function_.cfg.calls.size(); i++) {
            add_call(i);
        }
        std::stable_sort(lines_.begin(), lines_.end(), reads_before);
        return std::move(lines_);
    }

  private:
    [[nodiscard]] LineState state_at(uint64_t address) const {
        const BlockIndex block = function_.cfg.block_at(address);
        if (block == no_index) {
            return LineState::Unreached;
        }
        const bool blind = std::find(placement_.blind.begin(), placement_.blind.end(), block) !=
                           placement_.blind.end();
        return blind && !placement_.doubtful.empty() ? LineState::InDoubt : LineState::Traced;
    }

    ListedLine &line_of(std::vector<Frame> frames) {
        std::string key;
        for (const Frame &frame : frames) {
            key += frame.function + '\n' + frame.file + '\n' + std::to_string(frame.line) + '\n';
        }
        const auto [place, is_new] = known_.try_emplace(std::move(key), lines_.size());
        if (is_new) {
            lines_.push_back({.frames = std::move(frames), .addresses = {}, .calls = {}});
        }
        return lines_[place->second];
    }

    void add(const LineRow &row) {
        ListedLine &line = line_of(function_.lines.frames_of(row));
        line.state = std::min(line.state, state_at(row.address));
        line.is_stmt = line.is_stmt || row.is_stmt;
        if (line.addresses.empty() || line.addresses.back() != row.address) {
            line.addresses.push_back(row.address);
        }
    }

    void add_call(uint32_t index) {
        std::vector<Frame> frames = function_.frames(function_.cfg.calls[index].address);
        if (!frames.empty() && frames.front().line != 0) {
            line_of(std::move(frames)).calls.push_back(index);
        }
    }

    const Function &function_;
    const Placement &placement_;
    std::vector<ListedLine> lines_;
    std::map<std::string, size_t> known_; ///< lines by their frames
};

} // namespace

std::vector<ListedLine> list_lines(const Function &function, const Placement &placement) {
    return function.lines.empty() ? std::vector<ListedLine>() : Lister(function, placement).run();
}

} // namespace dropctl::code
