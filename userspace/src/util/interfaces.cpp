// SPDX-License-Identifier: GPL-2.0-only
#include "util/interfaces.hpp"

#include <memory>
#include <net/if.h>

namespace dropctl::util {

std::vector<std::string> interface_names() {
    std::vector<std::string> names;
    const std::unique_ptr<struct if_nameindex, decltype(&if_freenameindex)> all(if_nameindex(),
                                                                                if_freenameindex);
    for (const struct if_nameindex *each = all.get(); each != nullptr && each->if_index != 0;
         ++each) {
        names.emplace_back(each->if_name);
    }
    return names;
}

} // namespace dropctl::util
