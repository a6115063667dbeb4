/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/channels.h"

#include "channel/about.h"
#include "channel/area.h"
#include "channel/community.h"
#include "channel/credit.h"
#include "channel/diagnostics.h"
#include "channel/guide.h"
#include "channel/live.h"
#include "channel/network.h"
#include "channel/orders.h"
#include "channel/portal.h"
#include "channel/purchase.h"
#include "channel/scan.h"
#include "channel/search.h"
#include "channel/settings.h"
#include "channel/shopping.h"
#include "channel/welcome.h"

#include <stddef.h>

const struct channel *const channels[] = {
    &channel_portal,   &channel_live,
    &channel_guide,    &channel_programme,
    &channel_shopping, &channel_product,
    &channel_purchase, &channel_orders,
    &channel_order,    &channel_credit,
    &channel_notice,   &channel_community,
    &channel_page,     &channel_search,
    &channel_settings, &channel_scan,
    &channel_area,     &channel_network,
    &channel_about,    &channel_diagnostics,
    &channel_welcome,  NULL,
};
