// SPDX-License-Identifier: GPL-2.0-only
// A table of text, each column as wide as what is in it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dropctl::render {

class Table {
  public:
    enum class Align { Left, Right };
    struct Column {
        std::string head;
        Align align = Align::Left;
        size_t least = 0; ///< columns it takes at least
        size_t most = 0;  ///< what is longer is cut; 0: never
    };

    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    /// As many cells as columns.
    void add(std::vector<std::string> cells);
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    [[nodiscard]] const std::vector<Column> &columns() const { return columns_; }
    [[nodiscard]] std::vector<size_t> widths() const;

    /// Lines, the first one the heads, each after `indent`; no blanks at their ends.
    [[nodiscard]] std::vector<std::string> lines(const std::string &indent = {}) const;
    /// The same as one text.
    [[nodiscard]] std::string text(const std::string &indent = {}) const;

  private:
    [[nodiscard]] std::string line(const std::vector<std::string> &cells,
                                   const std::vector<size_t> &widths) const;

    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

} // namespace dropctl::render
