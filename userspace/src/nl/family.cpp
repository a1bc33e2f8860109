// SPDX-License-Identifier: GPL-2.0-only
#include "nl/family.hpp"

#include "nl/errors.hpp"

#include <linux/droptrace.h>
#include <linux/genetlink.h>

#include <cerrno>

namespace dropctl::nl {

Result<int> resolve_family(Socket &socket) {
    Request request(GENL_ID_CTRL, 1, CTRL_CMD_GETFAMILY);
    request.put(CTRL_ATTR_FAMILY_NAME, std::string(DROPTRACE_GENL_NAME));
    uint16_t id = 0;
    uint32_t version = 0;
    const Answer answer = socket.transact(request, [&](const Message &message) {
        Attributes attributes(message.attributes());
        Attribute attribute;
        while (attributes.next(attribute)) {
            if (attribute.type == CTRL_ATTR_FAMILY_ID) {
                static_cast<void>(read(attribute.data, id));
            } else if (attribute.type == CTRL_ATTR_VERSION) {
                static_cast<void>(read(attribute.data, version));
            }
        }
    });
    if (answer.error == ENOENT || (answer.error == 0 && id == 0)) {
        return not_loaded();
    }
    if (answer.error != 0) {
        return refused("netlink", request, answer);
    }
    if (version != DROPTRACE_GENL_VERSION) {
        return wrong_version(version);
    }
    return int{id};
}

} // namespace dropctl::nl
