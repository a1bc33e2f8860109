// SPDX-License-Identifier: GPL-2.0-only
#include "render/table.hpp"

#include "util/terminal.hpp"

#include <algorithm>

namespace dropctl::render {

void Table::add(std::vector<std::string> cells) {
    for (size_t column = 0; column < columns_.size(); ++column) {
        if (columns_[column].most != 0) {
            cells[column] = util::cut(cells[column], columns_[column].most);
        }
    }
    rows_.push_back(std::move(cells));
}

std::vector<size_t> Table::widths() const {
    std::vector<size_t> widths;
    for (size_t column = 0; column < columns_.size(); ++column) {
        size_t width = std::max(columns_[column].least, util::display_width(columns_[column].head));
        for (const auto &row : rows_) {
            width = std::max(width, util::display_width(row[column]));
        }
        widths.push_back(width);
    }
    return widths;
}

std::string Table::line(const std::vector<std::string> &cells,
                        const std::vector<size_t> &widths) const {
    std::string text;
    for (size_t column = 0; column < cells.size(); ++column) {
        const bool left = columns_[column].align == Align::Left;
        text += column == 0 ? "" : "  ";
        text += left ? util::pad_right(cells[column], widths[column])
                     : util::pad_left(cells[column], widths[column]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

std::vector<std::string> Table::lines(const std::string &indent) const {
    const auto widths = this->widths();
    std::vector<std::string> heads;
    for (const Column &column : columns_) {
        heads.push_back(column.head);
    }
    std::vector<std::string> lines{indent + line(heads, widths)};
    for (const auto &row : rows_) {
        lines.push_back(indent + line(row, widths));
    }
    return lines;
}

std::string Table::text(const std::string &indent) const {
    std::string text;
    for (const std::string &line : lines(indent)) {
        text += line + "\n";
    }
    return text;
}

} // namespace dropctl::render
