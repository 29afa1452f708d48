// A campaign's course as one page.
#pragma once

#include <string>
#include <vector>

#include "campaign_statistics.hpp"

namespace labyrinth::tool {

/// HTML that needs nothing else, light or dark as the reader has it. `title`: of the campaign.
[[nodiscard]] std::string campaign_page(const std::string& title, const CampaignStatus& status,
                                        const std::vector<CampaignStatistics>& course);

}  // namespace labyrinth::tool
