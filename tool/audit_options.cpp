// The options of `labyrinth audit`, and its help.
#include "audit_options.hpp"

#include <CLI/CLI.hpp>

#include "natural.hpp"
#include "results_options.hpp"

namespace labyrinth::tool {

CLI::App* add_audit(CLI::App& app, AuditOptions& options) {
  CLI::App* const verb = app.add_subcommand(
      "audit",
      "What a change of an allocator changes for its callers: the old build and the new one, side by side.\n"
      "  labyrinth audit old.so new.so\n"
      "  labyrinth audit main HEAD --seconds 300 --html audit.html\n"
      "Exit codes: 0 nothing that was right became wrong, 10 something did, 11 that could not be decided, "
      "64, 66. docs/audit.md.");
  verb->add_option("old", options.old_side, "Shared object, or git revision, of before")->required();
  verb->add_option("new", options.new_side, "Of after")->required();
  verb->add_option("--corpus", options.corpus, "Traces to begin with (default: corpus, if it is there)");
  verb->add_option("--seconds", options.seconds, "Time for differential fuzzing")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verb->add_option("--seed", options.seed, "Where chance begins")->check(natural)->capture_default_str();
  verb->add_option("--executions", options.executions,
                   "Executions of each program that is explored, at most; 0: none is explored")
      ->check(natural)
      ->capture_default_str();
  verb->add_option("--timeout", options.timeout, "Seconds after which a run is taken never to end")
      ->check(CLI::Range(0.1, 86400.0))
      ->capture_default_str();
  verb->add_option("--proofs", options.proofs,
                   "Of two revisions of Labyrinth itself, also the proofs of this size")
      ->check(CLI::IsMember({"none", "quick", "standard"}))
      ->capture_default_str();
  verb->add_option("--findings", options.findings, "Directory that the traces are saved in")
      ->capture_default_str();
  add_results(*verb, options.results);
  verb->add_option("--html", options.html, "File for the verdict as a page of its own");
  verb->add_option("--repository", options.repository, "Checkout that revisions are of")
      ->capture_default_str();
  verb->add_option("--build-target", options.build_target,
                   "What ninja builds of a revision, made with labyrinth_add_target(); NAME-plain, too")
      ->capture_default_str();
  verb->add_option("--only", options.only,
                   "Take only this path from a revision, and all else from NEW (or, if that is a shared "
                   "object, from HEAD)");
  verb->add_option("--configure", options.configure, "A word more for cmake: --configure=-DNAME=VALUE");
  verb->add_option("--scratch", options.scratch, "Directory that revisions are built in, and kept")
      ->capture_default_str();
  verb->add_flag("--json", options.json, "Print one JSON object instead of text");
  verb->add_flag("--verbose", options.verbose, "Show every access in timelines, and all of what was cut off");
  return verb;
}

}  // namespace labyrinth::tool
