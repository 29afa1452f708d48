// The options of `labyrinth prove`, and its help.
#include "prove_options.hpp"

#include <CLI/CLI.hpp>

namespace labyrinth::tool {

CLI::App* add_prove(CLI::App& app, ProveOptions& prove) {
  CLI::App* const verb = app.add_subcommand(
      "prove",
      "Proofs about the allocator's code, by bounded model checking (CBMC).\n"
      "  labyrinth prove --list\n"
      "  labyrinth prove --size quick --jobs 0\n"
      "  labyrinth prove 'free-*' --seconds 600\n"
      "A proof is `proved` if every obligation in it holds, each cover point it names can be reached, and "
      "each "
      "mutant it names\nmakes it fail. Else the verdict is VIOLATED (exit code 10), with the inputs that "
      "show it; or "
      "one of these (exit code 11):\n"
      "  vacuous          a cover point cannot be reached: the proof says less than it seems to\n"
      "  toothless        a mutant, a bug put back in, is not noticed\n"
      "  bound too small  a loop goes on after as many rounds as are looked at\n"
      "  timed out, out of memory, error, not finished, holds (mutant not checked)\n"
      "Of a counterexample a trace is made, if exploring small programs that begin like it finds one: it is "
      "saved in --findings,\nfor replay and minimize.\n"
      "Results that are as they should be are kept, by the hash of C file, flags and versions, and marked * "
      "when "
      "used again.");
  verb->add_option("names", prove.names, "Proofs, or patterns with * ? [ ] (in quotes); none: all of --size");
  verb->add_option_function<std::string>(
          "--size", [&prove](const std::string& text) { prove.size = proof_size_of_name(text); },
          "Without names: the proofs of this size and those that are smaller (default: standard)")
      ->check(CLI::IsMember({"quick", "standard", "nightly"}));
  verb->add_flag("--list", prove.lists, "Say what is to be proved, and prove nothing");
  verb->add_option("--jobs,-j", prove.jobs, "Runs of CBMC at a time; 0: one for each core")
      ->check(CLI::Range(0U, 256U))
      ->capture_default_str();
  verb->add_option("--seconds", prove.seconds,
                   "Time for each run of CBMC, of which a proof has three or more (default: the manifest's)")
      ->check(CLI::PositiveNumber);
  verb->add_option("--memory", prove.memory, "GiB for each run, with its solver")
      ->check(CLI::Range(0.01, 65536.0))
      ->capture_default_str();
  verb->add_flag("--skip-mutants", prove.skips_mutants, "Leave the mutants out; then nothing is `proved`");
  verb->add_option(
          "--mutant", prove.mutant,
          "Prove over this mutant, a bug put back in, instead of the code as it is: it must be VIOLATED. "
          "Without names: the proofs that name it")
      ->excludes("--skip-mutants");
  verb->add_option("--trace-seconds", prove.trace_seconds,
                   "Time to look for a trace that shows a counterexample; 0: none is looked for")
      ->check(CLI::Range(0.0, 1e7))
      ->capture_default_str();
  verb->add_option("--target", prove.target,
                   "Target to look for it on (default: the reference allocator, or that of the mutant)");
  verb->add_option("--findings", prove.findings, "Directory that traces are saved in")->capture_default_str();
  verb->add_option("--proofs", prove.proofs,
                   "Directory of proofs.toml and the C files (default: proofs/ beside the program)");
  verb->add_option(
      "--cache", prove.cache,
      "Directory that results are kept in (default: labyrinth/proofs in $XDG_CACHE_HOME, else in "
      "~/.cache)");
  verb->add_flag("!--no-cache", prove.caches, "Neither use results that were kept nor keep any");
  verb->add_flag("--json", prove.json, "Print one JSON object instead of text");
  return verb;
}

}  // namespace labyrinth::tool
