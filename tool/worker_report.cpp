// Reports of workers, in JSON.
#include "resume.hpp"
#include "worker.hpp"

namespace labyrinth::tool {

nlohmann::json to_json(const WorkerReport& report) {
  nlohmann::json json{{"finished", to_json(report.finished)},
                      {"program", report.program},
                      {"part", report.part},
                      {"hashes", report.hashes}};
  if (report.present) json["present"] = to_json(*report.present);
  if (report.rest) json["rest"] = to_json(*report.rest);
  return json;
}

WorkerReport report_from(const nlohmann::json& json) {
  WorkerReport report{.finished = explored_from(json.at("finished")),
                      .present = std::nullopt,
                      .program = json.at("program"),
                      .part = json.at("part"),
                      .hashes = json.at("hashes").get<std::vector<std::uint64_t>>(),
                      .rest = std::nullopt};
  if (json.contains("present")) report.present = explored_from(json.at("present"));
  if (json.contains("rest")) report.rest = work_from(json.at("rest"));
  return report;
}

}  // namespace labyrinth::tool
