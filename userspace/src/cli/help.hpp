// SPDX-License-Identifier: GPL-2.0-only
// How --help looks: usage first, then what the verb does, its options, examples.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace dropctl::cli {

class Help final : public CLI::Formatter {
  public:
    Help();

    std::string make_help(const CLI::App *app, std::string name,
                          CLI::AppFormatMode mode) const override;
    std::string make_usage(const CLI::App *app, std::string name) const override;
    std::string make_option_opts(const CLI::Option *option) const override;
    std::string make_option_name(const CLI::Option *option, bool positional) const override;
};

} // namespace dropctl::cli
