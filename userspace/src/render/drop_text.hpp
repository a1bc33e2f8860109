// SPDX-License-Identifier: GPL-2.0-only
// A drop as a line of text, in columns that stay put: each has a width to begin
// with, and where something is wider, keeps that width from then on. On a terminal
// that is too narrow for one line, the place goes to a second one.
#pragma once

#include "cli.hpp"
#include "model.hpp"
#include "packet/dissect.hpp"
#include "render/clock_text.hpp"
#include "render/dev_text.hpp"
#include "render/names.hpp"
#include "render/place_text.hpp"
#include "util/terminal.hpp"

#include <string>
#include <unordered_map>

namespace dropctl::render {

struct TextOptions {
    size_t columns = 0; ///< of the terminal, 0: as wide as it gets
    bool colour = false;
    bool verbose = false; ///< with everything that was recorded
    TimeFormat time = TimeFormat::Wall;
};

class DropText {
  public:
    DropText(Names &names, const TextOptions &options);

    /// The head of the columns, with its end of line.
    [[nodiscard]] std::string header() const;
    /// A drop, with its end of line.
    std::string line(const Event &event, const packet::Packet &packet);
    /// Names of filters have changed.
    void forget_filters() { filters_.clear(); }

  private:
    struct Widths {
        size_t reason, addresses, protocol, len, dev, function;
    };

    static Widths first_widths(size_t columns);
    std::string row(const std::string &time, const std::string &reason,
                    const std::string &addresses, const std::string &protocol,
                    const std::string &len, const std::string &dev) const;
    const PlaceText &place(uint64_t address, const std::string &symbol);
    std::string reason(const Event &event);
    std::string filters(const Event &event);
    [[nodiscard]] std::string with_details(const PlaceText &place,
                                           const std::string &details) const;
    std::string everything(const Event &event);

    Names &names_;
    TextOptions options_;
    util::Paint paint_;
    DevText devs_;
    ClockText clock_;
    bool one_line_;
    Widths widths_;
    std::unordered_map<uint64_t, PlaceText> places_;
    std::unordered_map<std::string, PlaceText> symbols_;
    std::unordered_map<uint32_t, std::string> reasons_;
    std::unordered_map<uint32_t, std::string> filters_;
};

} // namespace dropctl::render
