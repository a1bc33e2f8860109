// SPDX-License-Identifier: GPL-2.0-only
// "Did you mean": keeps the names nearest to one that does not exist, out of as
// many as are offered. Distance is that of optimal string alignment: letters
// put in, left out, replaced, or two neighbours exchanged.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace dropctl::util {

class NearNames {
  public:
    /// Look for at most `most` names like `wanted`. Nothing is like a number, nor is
    /// what differs from a word in more than half of it.
    NearNames(std::string wanted, size_t most);

    /// Consider a name. Cheap for names that are too long or too short to be near.
    void offer(std::string_view name);

    /// The nearest, best first; names as far away as each other in alphabetical order.
    [[nodiscard]] std::vector<std::string> take();

  private:
    struct Candidate {
        size_t distance;
        std::string name;
        bool operator==(const Candidate &) const = default;
        bool operator<(const Candidate &other) const {
            return std::tie(distance, name) < std::tie(other.distance, other.name);
        }
    };

    /// Distance to `name`, or something above `limit` once that is certain.
    size_t distance(std::string_view name, size_t limit);

    std::string wanted_;
    size_t most_;
    size_t limit_; ///< what is further away is not alike
    std::vector<Candidate> best_;
    std::vector<size_t> rows_[3]; ///< of the distance matrix, kept to spare allocations
};

} // namespace dropctl::util
