// SPDX-License-Identifier: GPL-2.0-only
#include "cli/help.hpp"

namespace dropctl::cli {

Help::Help() {
    column_width(28);
    label("Positionals", "Arguments");
}

std::string Help::make_usage(const CLI::App *app, std::string /*name*/) const {
    if (app->get_parent() == nullptr) {
        return "Usage: dropctl COMMAND [OPTIONS] [ARGUMENTS]\n";
    }
    std::string text = "Usage: dropctl " + app->get_name() + " [OPTIONS]";
    for (const CLI::Option *option :
         app->get_options([](const CLI::Option *each) { return each->get_positional(); })) {
        text += " [" + option->get_type_name() + "]";
    }
    return text + "\n";
}

std::string Help::make_help(const CLI::App *app, std::string name, CLI::AppFormatMode mode) const {
    std::string text = make_usage(app, std::move(name)) + "\n" + make_description(app) +
                       make_positionals(app) + make_groups(app, mode) + make_subcommands(app, mode);
    if (app->get_parent() != nullptr) {
        text += "\nOf every command: -j/--json, -v/--verbose, --color auto|always|never\n";
    }
    return text + (app->get_footer().empty() ? "" : "\n" + make_footer(app));
}

/// Only what the option takes: CLI11 would add defaults, counts and exclusions.
std::string Help::make_option_opts(const CLI::Option *option) const {
    if (option->get_type_size() == 0 || option->get_positional()) {
        return {};
    }
    const std::string type = option->get_type_name();
    return type.empty() || type.front() == '[' ? type : " " + type;
}

std::string Help::make_option_name(const CLI::Option *option, bool positional) const {
    return positional ? option->get_type_name() : option->get_name(false, true);
}

} // namespace dropctl::cli
