// SPDX-License-Identifier: GPL-2.0-only
// Keeps the names nearest to one that does not exist; offered some 100000 of
// them at a time, so most must be turned away without computing anything.
#include "util/near_names.hpp"

#include "util/parse.hpp"

#include <algorithm>
#include <numeric>

namespace dropctl::util {

NearNames::NearNames(std::string wanted, size_t most)
    : wanted_(std::move(wanted)), most_(parse_number(wanted_) ? 0 : most),
      limit_(std::min(std::max<size_t>(2, wanted_.size() / 3), wanted_.size() / 2)) {
    for (auto &row : rows_) {
        row.resize(wanted_.size() + 1);
    }
}

void NearNames::offer(std::string_view name) {
    const size_t longer = std::max(name.size(), wanted_.size());
    const size_t gap = longer - std::min(name.size(), wanted_.size());
    if (most_ == 0 || name == wanted_) {
        return;
    }
    size_t away = gap;
    // A name of which only a part was typed is as good as one with a few slips.
    if (wanted_.size() >= 4 && name.find(wanted_) != std::string_view::npos) {
        away = std::min(1 + gap / 4, limit_);
    } else {
        if (gap > limit_) {
            return;
        }
        away = distance(name, limit_);
    }
    if (away > limit_) {
        return;
    }
    Candidate candidate{.distance = away, .name = std::string(name)};
    const auto place = std::lower_bound(best_.begin(), best_.end(), candidate);
    if (place != best_.end() && *place == candidate) {
        return;
    }
    best_.insert(place, std::move(candidate));
    if (best_.size() > most_) {
        best_.pop_back();
        limit_ = best_.back().distance;
    }
}

size_t NearNames::distance(std::string_view name, size_t limit) {
    std::iota(rows_[1].begin(), rows_[1].end(), size_t{0});
    for (size_t i = 1; i <= name.size(); i++) {
        std::vector<size_t> &before = rows_[0];
        std::vector<size_t> &last = rows_[1];
        std::vector<size_t> &row = rows_[2];
        row[0] = i;
        size_t least = i;
        for (size_t j = 1; j <= wanted_.size(); j++) {
            const size_t cost = name[i - 1] == wanted_[j - 1] ? 0 : 1;
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + cost});
            if (i > 1 && j > 1 && name[i - 1] == wanted_[j - 2] && name[i - 2] == wanted_[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
            least = std::min(least, row[j]);
        }
        // An exchange of neighbours may still win one back.
        if (least > limit + 1) {
            return limit + 1;
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return rows_[1][wanted_.size()];
}

std::vector<std::string> NearNames::take() {
    std::vector<std::string> names;
    for (Candidate &candidate : best_) {
        names.push_back(std::move(candidate.name));
    }
    best_.clear();
    return names;
}

} // namespace dropctl::util
