// SPDX-License-Identifier: GPL-2.0-only
// From the options of add-filter to the request: names become numbers, expressions
// programs. Apart from the command so that it can be tested without a module.
#pragma once

#include "cli.hpp"
#include "model.hpp"
#include "nl/client.hpp"
#include "symbols/reasons.hpp"
#include "symbols/symboliser.hpp"
#include "util/result.hpp"

#include <functional>
#include <memory>
#include <string>

namespace dropctl::commands {

/// Where names are looked up; asked only if a name was given.
struct FilterSources {
    std::function<Result<symbols::Reasons>()> reasons;
    std::function<std::unique_ptr<symbols::Symboliser>()> symboliser;
    std::string netns_directory = "/run/netns";
    std::string sys_module = "/sys/module";
};

struct FilterRequest {
    Filter filter;
    nl::FilterPrograms programs;
    std::string warning; ///< what the user had better know; empty: nothing
};

/// What needs neither the module nor debug information: all but --reason and --function.
Result<FilterRequest> read_filter(const AddFilterOptions &options, const FilterSources &sources);

/// The rest. @param status what the module says of the kernel
Result<void> look_up_names(const AddFilterOptions &options, const Status &status,
                           const FilterSources &sources, FilterRequest &request);

} // namespace dropctl::commands
