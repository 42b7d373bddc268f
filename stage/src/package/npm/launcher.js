//#full
// Runs a native program for this machine, which lies in a package of its own for each platform.
//#plain
//-#!/usr/bin/env node
//-// Runs the native program for this machine, which lies in a package of its own for each platform.
//#end
//
// Those are optional dependencies: npm installs the one whose `os` and `cpu` match, and says
// nothing when it installs none. So most of what is here tells what is wrong with an installation,
// and the command that mends it. What differs between releases is in package.json and
// platforms.json.
//
// The program is a child process, because Node.js has no stable way to become another program.
// Arguments, stdin, stdout and stderr are the child's; signals and the exit status are passed on.
// What the environment tells the program about its installation is in platforms.json too.

"use strict";

const { spawn } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");
const { optionalDependencies } = require("../package.json");
const known = require("../platforms.json");
const { name, version, title, pathEnv, metadata, platforms, environment: variables } = known;
//#full
const { first } = known;
//#end

const ROOT = path.dirname(__dirname);
const HERE = `${process.platform}-${process.arch}`;
const WINDOWS = process.platform === "win32";

/** What the user is told: what is wrong, perhaps why, and the one thing to do about it. */
class Failure extends Error {
  constructor(message, help) {
    super(message);
    this.help = help;
  }
}

//#full
/** The command that is run. */
let command = first;

function main(name) {
  command = name;
  //#plain
//-function main() {
  //#end
  try {
    run(locate());
  } catch (error) {
    report(error);
  }
}

function report(error) {
  if (!(error instanceof Failure)) {
    throw error;
  }
  console.error(`error: ${error.message}\nhelp: ${error.help}`);
  process.exitCode = 1;
}

// Where the program is: the executable, the directory of its helpers, and what mends it.

function locate() {
  const own = process.env[pathEnv];
  //#full
  return own ? refuseItself(own, locateOverride(path.resolve(own))) : locatePackage();
  //#plain
  //-return own ? locateOverride(path.resolve(own)) : locatePackage();
  //#end
}

//#full
/** The variable in which the user's own program is told which launcher has started it. */
const STARTER = `${pathEnv}_STARTED_BY`;

/** Refuses a program of the user's own that is this command: it would start itself for ever. */
function refuseItself(own, found) {
  const real = (file) => {
    try {
      return fs.realpathSync(file);
    } catch {
      return undefined;
    }
  };
  // Where commands are scripts that call this file, their paths do not tell.
  const startedByItself = process.env[STARTER] === String(process.ppid);
  if (startedByItself || real(found.executable) === real(process.argv[1])) {
    const why = `it is the command ${command} of ${name}, which would start itself for ever`;
    throw new Failure(`${pathEnv} is ${own}: ${why}`, found.help);
  }
  return { ...found, variables: { [STARTER]: String(process.pid) } };
}

//#end
/** The user's own program: a package directory, or an executable. */
function locateOverride(own) {
  const help = `point ${pathEnv} at a package directory or an executable, or unset it`;
  const wrong = (why) => new Failure(`${pathEnv} is ${own}: ${why}`, help);

  if (!fs.existsSync(own)) {
    throw wrong("there is nothing there");
  }
  if (!isDirectory(own)) {
    //#full
    const executable = beside(own);
    if (executable !== own && !fs.existsSync(executable)) {
      throw wrong(`there is no ${path.basename(executable)} beside it`);
    }
    return { executable, chmod: `chmod +x ${quote(executable)}`, help };
    //#plain
    //-return { executable: own, chmod: `chmod +x ${quote(own)}`, help };
    //#end
  }
  const file = path.join(own, metadata);
  if (!fs.existsSync(file)) {
    throw wrong(`a directory without ${metadata} is not a package directory`);
  }
  let entrypoint, pathDir;
  try {
    ({ entrypoint, pathDir } = JSON.parse(fs.readFileSync(file, "utf8")));
  } catch (error) {
    throw wrong(`cannot read ${file}: ${error.message}`);
  }
  if (typeof entrypoint !== "string") {
    throw wrong(`${file} has no string "entrypoint"`);
  }
  //#full
  const executable = beside(path.join(own, entrypoint));
  //#plain
  //-const executable = path.join(own, entrypoint);
  //#end
  if (!fs.existsSync(executable)) {
    throw wrong(`its entrypoint ${executable} is missing`);
  }
  return {
    executable,
    helpers: typeof pathDir === "string" ? path.join(own, pathDir) : undefined,
    chmod: `chmod +x ${quote(executable)}`,
    help,
  };
}

//#full
/** The executable of the command, beside that of the first one. */
function beside(executable) {
  return command === first
    ? executable
    : path.join(path.dirname(executable), command + (WINDOWS ? path.extname(executable) : ""));
}

/** The platform of this machine. Where there is one for each C library, npm may have installed both. */
function platformHere() {
  const builds = ["glibc", "musl"].map((libc) => platforms[`${HERE}-${libc}`]);
  const [glibc, musl] = builds;
  if (!glibc || !musl) {
    return platforms[HERE];
  }
  const installed = builds.filter((build) => find(build.package));
  return installed.length === 1 ? installed[0] : hasMusl() ? musl : glibc;
}

/** Whether the C library of this system is musl. */
function hasMusl() {
  try {
    // A script on both, which says whose it is.
    const ldd = fs.readFileSync("/usr/bin/ldd", "utf8");
    if (/\bmusl\b/.test(ldd)) {
      return true;
    }
    if (/GLIBC|GNU C Library|GNU libc/.test(ldd)) {
      return false;
    }
  } catch {
    // There is none in small images.
  }
  const { report } = process;
  if (report && typeof report.getReport === "function") {
    // It would look up the names of hosts.
    const { excludeNetwork } = report;
    report.excludeNetwork = true;
    const { header = {}, sharedObjects = [] } = report.getReport();
    report.excludeNetwork = excludeNetwork;
    if (header.glibcVersionRuntime) {
      return false;
    }
    if (sharedObjects.some((file) => /(^|\/)(ld-musl-|libc\.musl-)/.test(file))) {
      return true;
    }
  }
  try {
    return fs.readdirSync("/lib").some((file) => file.startsWith("ld-musl-"));
  } catch {
    return false;
  }
}

//#end
/** The program in the platform package. */
function locatePackage() {
  //#full
  const platform = platformHere();
  //#plain
  //-const platform = platforms[HERE];
  //#end
  if (!platform) {
    throw new Failure(
      `there is no ${title} ${version} for ${HERE}, only for ${Object.keys(platforms).join(", ")}`,
      `set ${pathEnv} to a ${title} that was built for ${HERE}`
    );
  }
  const alias = platform.package;
  const installed = find(alias);
  if (!installed) {
    throw missing(alias);
  }
  const { directory } = installed;
  const vendor = path.join(directory, "vendor");
  const bundle = path.join(vendor, platform.target);
  if (!fs.existsSync(bundle)) {
    const targets = fs.existsSync(vendor) ? fs.readdirSync(vendor) : [];
    throw new Failure(
      targets.length > 0
        ? `${directory} is for ${targets.join(", ")}, and this machine needs ${platform.target}`
        : `${directory} is damaged: ${bundle} is missing`,
      `remove ${directory}, then run: ${install(alias)}`
    );
  }
  // An alias stands for `npm:NAME@VERSION`.
  const needed = optionalDependencies[alias].split("@").pop();
  if (installed.version !== needed) {
    throw new Failure(
      `${name} ${version} needs ${alias} in version ${needed}, ` +
        `and ${directory} has ${installed.version}`,
      install(alias)
    );
  }
  //#full
  const { entrypoint, commands = {} } = platform;
  const executable = path.join(bundle, command === first ? entrypoint : commands[command]);
  //#plain
  //-const executable = path.join(bundle, platform.entrypoint);
  //#end
  if (!fs.existsSync(executable)) {
    throw new Failure(
      `${directory} is damaged: ${executable} is missing`,
      `remove ${directory}, then run: ${install(alias)}`
    );
  }
  return {
    executable,
    helpers: platform.pathDir && path.join(bundle, platform.pathDir),
    variables: variables.length > 0 ? ownVariables() : {},
    // What took the bit from one file took it from the others.
    chmod: `chmod -R +x ${quote(bundle)}`,
    help: `remove ${directory}, then run: ${install(alias)}`,
  };
}

/** Where a platform package is, and in which version. */
function find(alias) {
  try {
    const manifest = require.resolve(`${alias}/package.json`);
    return { directory: path.dirname(manifest), version: require(manifest).version };
  } catch (error) {
    if (error.code === "MODULE_NOT_FOUND") {
      return undefined;
    }
    throw new Failure(`cannot use ${alias}: ${error.message}`, install(alias));
  }
}

function missing(alias) {
  const others = Object.values(platforms).map((other) => other.package);
  const other = others.find(find);
  const why = other
    ? `${other} is there instead: it was installed on another platform, or by another Node.js`
    : `${name} installs without an error where its optional dependencies are left out: by ` +
      "--omit=optional or --no-optional, by a lockfile that was made on another platform, or by " +
      "a registry that does not have them";
  const what = `${title} ${version} needs the package ${alias}, which is not installed`;
  return new Failure(`${what}\n${why}`, install(alias));
}

/** The command that installs what is missing, with the package manager that installed this. */
function install(alias) {
  if (process.versions.pnp) {
    // Yarn without node_modules, which runs this from the project.
    return "yarn install";
  }
  if (manager() === "vite-plus") {
    return `vp install -g ${name}@${version}`;
  }
  // pnpm calls this by its path in the store, so that only the working directory tells the project.
  const owner = [...ancestors(), ...above(workingDirectory())].find(ownedByPnpm);
  // Its store, which has a name of its own or directories that are named after the packages.
  const stored =
    /[\\/](\.?pnpm|v\d+[\\/]links)[\\/]/.test(ROOT) || ROOT.includes(`${name.replace("/", "+")}@`);
  if (owner || stored) {
    return installWithPnpm(owner);
  }
  const [project, inside] = split();
  const has = (...file) => inside && fs.existsSync(path.join(project, ...file));
  const directory = quote(project);

  if (!has("package.json")) {
    return `npm install --global ${name}@${version} --include=optional`;
  }
  if (has("node_modules", ".yarn-integrity")) {
    return `yarn --cwd ${directory} install --force`;
  }
  if (has("bun.lock") || has("bun.lockb")) {
    return `bun install --cwd ${directory} --force`;
  }
  const command = `npm install --prefix ${directory} --include=optional`;
  const locked = isLocked(project, alias);
  // On Windows, npm takes this directory for that of global packages, and without the name of a package
  // it installs the working directory into it.
  if (locked && !WINDOWS) {
    return command;
  }
  return `${command}${locked ? " --no-save" : saving(project)} ${name}@${version}`;
}

/**
 * Whether npm's lockfile, if there is one, has a package. npm up to version 10 leaves out for ever
 * what a registry did not have once, unless it is asked by name for what depends on it.
 */
function isLocked(project, alias) {
  const files = ["npm-shrinkwrap.json", "package-lock.json", "node_modules/.package-lock.json"];
  const lockfile = files.map((file) => path.join(project, file)).find((file) => fs.existsSync(file));
  try {
    return !lockfile || fs.readFileSync(lockfile, "utf8").includes(`node_modules/${alias}"`);
  } catch {
    return true;
  }
}

/** The option with which npm keeps an exact version exact, and adds no dependency to a project. */
function saving(project) {
  try {
    const manifest = JSON.parse(fs.readFileSync(path.join(project, "package.json"), "utf8"));
    const { dependencies, devDependencies, optionalDependencies: optional } = manifest;
    const asked = { ...dependencies, ...devDependencies, ...optional }[name];
    return asked === undefined ? " --no-save" : asked === version ? " --save-exact" : "";
  } catch {
    return " --no-save";
  }
}

/** pnpm keeps packages in a store, which may be far from the project that uses them. */
function installWithPnpm(owner) {
  const [project, inside] = split();
  const isProject = inside && fs.existsSync(path.join(project, "package.json"));
  const directory = owner || (isProject ? project : undefined);
  if (/[\\/]global[\\/]v?\d+([\\/]|$)/.test(directory || ROOT)) {
    return `pnpm add --global ${name}@${version} --config.optional=true`;
  }
  // What the registry did not have once is missing in the lockfile, which pnpm takes for complete.
  const command = "install --config.optional=true --fix-lockfile";
  return directory
    ? `pnpm --dir ${quote(directory)} ${command}`
    : `in the project that depends on ${name}, run: pnpm ${command}`;
}

/** The directory whose node_modules this package is in, and whether there is one. */
function split() {
  const [project, ...inside] = ROOT.split(`${path.sep}node_modules${path.sep}`);
  return [project, inside.length > 0];
}

// Which package manager installed this: by what it leaves beside the packages, by its directories,
// and by what it tells the programs that it starts.

/** "npm", also for one that nothing tells from it, or "pnpm", "bun" or "vite-plus". */
function manager() {
  for (const directory of ancestors()) {
    if (ownedByVitePlus(directory)) {
      return "vite-plus";
    }
    if (ownedByPnpm(directory)) {
      return "pnpm";
    }
  }
  const { npm_config_user_agent: agent = "", npm_execpath: client = "" } = process.env;
  const isBun =
    /\bbun\//.test(agent) || /(^|[\\/])bunx?(\.exe)?$/i.test(client) || /\.bun[\\/]install[\\/]global/.test(ROOT);
  return isBun ? "bun" : "npm";
}

/** The directories above the package, and those above the path by which it was called. */
function ancestors() {
  return [...new Set([...above(ROOT), ...above(path.dirname(path.resolve(process.argv[1])))])];
}

/** A directory and those above it. */
function above(directory) {
  const parent = path.dirname(directory);
  return parent === directory ? [directory] : [directory, ...above(parent)];
}

/** The working directory, which may have been removed. */
function workingDirectory() {
  try {
    return process.cwd();
  } catch {
    return ROOT;
  }
}

/** Whether pnpm installed this into the node_modules of a directory. */
function ownedByPnpm(directory) {
  const modules = path.join(directory, "node_modules");
  return fs.existsSync(path.join(modules, ".modules.yaml")) && isRoot(path.join(modules, name));
}

/** Whether a directory is that of Vite+'s global packages, and this the one that is in use. */
function ownedByVitePlus(directory) {
  if (path.basename(directory) !== "packages") {
    return false;
  }
  let record;
  try {
    record = JSON.parse(fs.readFileSync(path.join(directory, `${name}.json`), "utf8"));
  } catch {
    return false;
  }
  if (!record || record.name !== name) {
    return false;
  }
  // Its older versions append the id to the name, after a `#`, or have none.
  const id = String(record.installId || "");
  const own = path.join(directory, id.startsWith("#") ? name + id : path.join(name, id));
  return isRoot(path.join(own, "lib/node_modules", name)) || isRoot(path.join(own, "node_modules", name));
}

/** Whether a path leads to this package. */
function isRoot(file) {
  try {
    return fs.realpathSync(file) === ROOT;
  } catch {
    return false;
  }
}

/** What the program is told about its installation. */
function ownVariables() {
  const by = manager();
  const values = { "package-root": ROOT, manager: by };
  const own = variables.filter((variable) => !variable.manager || variable.manager === by);
  const fill = (value) => value.replace(/\{([\w-]+)\}/g, (_, key) => values[key]);
  return Object.fromEntries(own.map((variable) => [variable.name, fill(variable.value)]));
}

// Running it.

/** Why a program cannot be started, and what to do where the installation is not to blame. */
const REASONS = {
  EACCES: ["its permissions or its file system do not allow it"],
  ENOENT: [
    WINDOWS
      ? "it is not a program for this system, whose names end in .exe"
      : "the interpreter or loader that it names is missing",
  ],
  ENOEXEC: ["it is not a program for this system"],
  // Newer and older versions of Node.js on Windows.
  EFTYPE: ["it is not a program for this system"],
  UNKNOWN: ["it is not a program for this system, or another program keeps it from being started"],
  E2BIG: [
    "the arguments and the environment are longer than the system takes",
    "pass long texts on stdin or in files",
  ],
};
for (const code of ["EAGAIN", "EMFILE", "ENFILE", "ENOMEM"]) {
  REASONS[code] = [
    `the system has no process, file or memory left for it (${code})`,
    "end other programs or raise the limits, which `ulimit -a` shows, and try again",
  ];
}
for (const code of ["EBUSY", "ETXTBSY"]) {
  REASONS[code] = ["a process is writing to it", "wait until its installation is finished, and try again"];
}

/** How long to wait for one who writes to the program, in milliseconds, between the attempts. */
const WAITS = [20, 50, 100, 200, 400, 800];

function run({ executable, helpers, variables: own, chmod, help }) {
  if (!WINDOWS && !(fs.statSync(executable).mode & 0o111)) {
    throw new Failure(`${executable} is not executable`, chmod);
  }
  const failure = (error) => {
    const [why, advice] =
      error.code === "EINVAL" && /\.(bat|cmd)$/i.test(executable)
        ? ["Node.js starts no batch file, only the program that it calls"]
        : REASONS[error.code] || [error.message];
    return new Failure(`cannot run ${executable}: ${why}`, advice || help);
  };
  const options = { stdio: "inherit", env: environment(helpers, own) };

  let child;
  // Before there is a child, so that no signal can end this process and leave the child behind.
  const ask = forwardSignals((signal) => (child ? child.kill(signal) : die(signal)));
  const start = (waits) => {
    try {
      child = spawn(executable, process.argv.slice(2), options);
    } catch (error) {
      if (/BUSY|TXTBSY/.test(error.code) && waits.length > 0) {
        setTimeout(start, waits[0], waits.slice(1));
      } else {
        report(failure(error));
      }
      return;
    }
    child.on("error", (error) => report(failure(error)));
    child.on("exit", (code, signal) => {
      if (signal) {
        die(signal);
      } else {
        process.exitCode = code;
      }
    });
    ask();
  };
  start(WAITS);
}

/** Ends this process by a signal. */
function die(signal) {
  // The status is for a signal that Node.js ignores, such as SIGPIPE.
  process.exitCode = 128 + os.constants.signals[signal];
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

// Signals.
//
// Every signal that would end this process is for the program, and this process ends as the program
// does. Those that stop and continue, and the one for a new window size, come from the terminal, which
// sends them to the whole process group: nothing has to be done.
//
// The terminal sends SIGINT, SIGQUIT and SIGHUP to the whole group as well: the program has them
// already, and must not get them twice. `kill` with the id of this process sends them to it alone.
// Node.js does not tell who sent a signal. A witness does, a `cat` in the same group, which gets what
// the group gets: when a signal arrives here, the witness is asked for a line. If it answers, it got no
// signal, and neither did the program. If the signal ended it, the program has the signal.

const ENDING = WINDOWS
  ? ["SIGINT", "SIGBREAK", "SIGHUP", "SIGTERM"]
  : [
      "SIGHUP", "SIGINT", "SIGQUIT", "SIGABRT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGTERM",
      "SIGVTALRM", "SIGXCPU", "SIGIO", "SIGPWR", "SIGSTKFLT",
    ].filter((signal) => signal in os.constants.signals); // prettier-ignore

/** Forwards signals from now on; gives a function that starts to tell for whom they are. */
function forwardSignals(forward) {
  if (WINDOWS) {
    // The console has told the child by itself, and kill() would end it at once.
    ENDING.forEach((signal) => process.on(signal, () => undefined));
    return () => undefined;
  }
  let witness;
  let asked = [];
  // What ended the witness before it arrived here: it is on its way.
  const expected = new Set();
  const onSignal = (signal) => {
    if (expected.delete(signal)) {
      return;
    }
    if (witness) {
      asked.push(signal);
      witness.stdin.write("\n");
    } else {
      forward(signal);
    }
  };
  const start = () => {
    // Some of the signals would have it leave its memory in a file.
    witness = spawn("sh", ["-c", "ulimit -c 0; exec cat"], { stdio: ["pipe", "pipe", "ignore"] });
    if (witness.pid === undefined) {
      // There is none. A signal that comes twice is better than one that is lost.
      witness.on("error", () => undefined);
      witness = undefined;
      return;
    }
    // It ends with this process, at the end of its input, and does not keep it alive.
    witness.unref();
    for (const pipe of [witness.stdin, witness.stdout]) {
      pipe.on("error", () => undefined);
      pipe.unref();
    }
    witness.stdout.on("data", (lines) => asked.splice(0, lines.length).forEach(forward));
    witness.on("close", (_, death) => {
      const others = asked.filter((signal) => signal !== death);
      if (death && others.length === asked.length) {
        expected.add(death);
        setTimeout(() => expected.delete(death), 1000).unref();
      }
      asked = [];
      witness = undefined;
      if (death) {
        start();
      }
      others.forEach(onSignal);
    });
  };
  ENDING.forEach((signal) => process.on(signal, () => onSignal(signal)));
  return () => {
    try {
      start();
    } catch {
      witness = undefined;
    }
  };
}

/** The environment with what the program is told, and a directory first on the PATH. */
function environment(directory, own) {
  const env = { ...process.env };
  // Windows does not tell `Path` from `PATH`, but a copy of its environment does.
  const spell = (key) => (WINDOWS ? key.toUpperCase() : key);
  // Another launcher, from whose program this one is called, has told that one.
  const inherited = new Set(variables.map((variable) => spell(variable.name)));
  Object.keys(env).forEach((key) => inherited.has(spell(key)) && delete env[key]);
  Object.assign(env, own);
  if (directory && isDirectory(directory)) {
    const key = Object.keys(env).find((key) => spell(key) === "PATH") || "PATH";
    env[key] = [directory, env[key]].filter(Boolean).join(path.delimiter);
  }
  return env;
}

function isDirectory(directory) {
  return fs.existsSync(directory) && fs.statSync(directory).isDirectory();
}

/** A path as the shell takes it for one word. */
function quote(file) {
  if (/^[\w@%+=:,./-]+$/.test(file)) {
    return file;
  }
  return WINDOWS ? `"${file}"` : `'${file.replace(/'/g, "'\\''")}'`;
}

//#full
module.exports = main;
//#plain
//-main();
//#end
