// A campaign's crashes as results for machines.
#pragma once

#include "campaign_files.hpp"
#include "campaign_statistics.hpp"
#include "results.hpp"

namespace labyrinth::tool {

/// One for each signature; of a campaign without crashes one for all of it.
[[nodiscard]] Results campaign_results(const CampaignFiles& files, const CampaignStatus& status);

}  // namespace labyrinth::tool
