#!/usr/bin/env node
// Runs the native program for this machine, which lies in a package of its own for each platform.
//
// Those are optional dependencies: npm installs the one whose `os` and `cpu` match, and says
// nothing when it installs none. So most of what is here tells what is wrong with an installation,
// and the command that mends it. What differs between releases is in package.json and
// platforms.json.
//
// The program is a child process, because Node.js has no stable way to become another program.
// Arguments, stdin, stdout and stderr are the child's; signals and the exit status are passed on.

"use strict";

const { spawn } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");
const { optionalDependencies } = require("../package.json");
const { name, version, title, pathEnv, metadata, platforms } = require("../platforms.json");

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

function main() {
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
  return own ? locateOverride(path.resolve(own)) : locatePackage();
}

/** The user's own program: a package directory, or an executable. */
function locateOverride(own) {
  const help = `point ${pathEnv} at a package directory or an executable, or unset it`;
  const wrong = (why) => new Failure(`${pathEnv} is ${own}: ${why}`, help);

  if (!fs.existsSync(own)) {
    throw wrong("there is nothing there");
  }
  if (!isDirectory(own)) {
    return { executable: own, chmod: `chmod +x ${quote(own)}`, help };
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
  const executable = path.join(own, entrypoint);
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

/** The program in the platform package. */
function locatePackage() {
  const platform = platforms[HERE];
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
      `remove ${directory}, then run: ${install()}`
    );
  }
  // An alias stands for `npm:NAME@VERSION`.
  const needed = optionalDependencies[alias].split("@").pop();
  if (installed.version !== needed) {
    throw new Failure(
      `${name} ${version} needs ${alias} in version ${needed}, ` +
        `and ${directory} has ${installed.version}`,
      install()
    );
  }
  const executable = path.join(bundle, platform.entrypoint);
  if (!fs.existsSync(executable)) {
    throw new Failure(
      `${directory} is damaged: ${executable} is missing`,
      `remove ${directory}, then run: ${install()}`
    );
  }
  return {
    executable,
    helpers: platform.pathDir && path.join(bundle, platform.pathDir),
    // What took the bit from one file took it from the others.
    chmod: `chmod -R +x ${quote(bundle)}`,
    help: `remove ${directory}, then run: ${install()}`,
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
    throw new Failure(`cannot use ${alias}: ${error.message}`, install());
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
  return new Failure(`${what}\n${why}`, install());
}

/** The command that installs what is missing, with the package manager that installed this. */
function install() {
  if (process.versions.pnp) {
    // Yarn without node_modules, which runs this from the project.
    return "yarn install";
  }
  const [project, ...inside] = ROOT.split(`${path.sep}node_modules${path.sep}`);
  const has = (...file) => inside.length > 0 && fs.existsSync(path.join(project, ...file));
  const pnpm = /[\\/]\.?pnpm[\\/]/.test(ROOT);
  const directory = quote(project);

  if (!has("package.json")) {
    return pnpm
      ? `pnpm add --global ${name}@${version} --config.optional=true`
      : `npm install --global ${name}@${version} --include=optional`;
  }
  if (pnpm) {
    return `pnpm --dir ${directory} install --config.optional=true`;
  }
  if (has("node_modules", ".yarn-integrity")) {
    return `yarn --cwd ${directory} install --force`;
  }
  if (has("bun.lock") || has("bun.lockb")) {
    return `bun install --cwd ${directory} --force`;
  }
  return `npm install --prefix ${directory} --include=optional`;
}

// Running it.

const REASONS = {
  EACCES: "its permissions or its file system do not allow it",
  ENOENT: "the interpreter or loader that it names is missing",
  ENOEXEC: "it is not a program for this system",
};

function run({ executable, helpers, chmod, help }) {
  if (!WINDOWS && !(fs.statSync(executable).mode & 0o111)) {
    throw new Failure(`${executable} is not executable`, chmod);
  }
  const failure = (error) =>
    new Failure(`cannot run ${executable}: ${REASONS[error.code] || error.message}`, help);

  let child;
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  // Before there is a child, so that no signal can end this process and leave the child behind.
  for (const signal of signals) {
    // On Windows the console has told the child by itself, and kill() would end it at once.
    process.on(signal, () => WINDOWS || child.kill(signal));
  }
  try {
    child = spawn(executable, process.argv.slice(2), {
      stdio: "inherit",
      env: environment(helpers),
    });
  } catch (error) {
    throw failure(error);
  }
  child.on("error", (error) => report(failure(error)));
  child.on("exit", (code, signal) => {
    if (!signal) {
      process.exitCode = code;
      return;
    }
    // The status is for a signal that Node.js ignores, such as SIGPIPE.
    process.exitCode = 128 + os.constants.signals[signal];
    signals.forEach((signal) => process.removeAllListeners(signal));
    process.kill(process.pid, signal);
  });
}

/** The environment with a directory first on the PATH. */
function environment(directory) {
  const env = { ...process.env };
  if (directory && isDirectory(directory)) {
    // Windows does not tell `Path` from `PATH`, but a copy of its environment does.
    const isPath = (key) => (WINDOWS ? key.toUpperCase() : key) === "PATH";
    const key = Object.keys(env).find(isPath) || "PATH";
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

main();
