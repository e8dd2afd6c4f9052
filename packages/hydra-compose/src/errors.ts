import { defineErrors } from 'coded-error';

/** Every error of composing and checking a config. `{nearest}` is empty or ` (did you mean 'x'?)`. */
export const configError = defineErrors({
  CONFIG_FILE_MISSING: {
    message: "there is no config '{name}' in {dir}{nearest}",
    hint: 'Configs there: {available}.',
    status: 400,
  },
  CONFIG_YAML_INVALID: {
    message: '{file}:{line}:{column}: {reason}',
    hint: 'Correct the YAML at that place.',
    status: 400,
  },
  CONFIG_DEFAULTS_INVALID: {
    message: "the defaults list of '{config}' is wrong: {reason}",
    hint: "Its items look like '- group: option', '- override /group: option', '- optional group: option' or '- _self_'.",
    status: 400,
  },
  CONFIG_OPTION_UNKNOWN: {
    message: "group '{group}' has no option '{option}'{nearest}{where}",
    hint: "Options of '{group}': {available}.",
    status: 400,
  },
  CONFIG_OPTION_REQUIRED: {
    message: "an option of group '{group}' must be chosen",
    hint: "Write {group}=<option>. Options of '{group}': {available}.",
    status: 400,
  },
  CONFIG_OPTION_INVALID: {
    message: "'{override}': an option of group '{group}' is a name or a list of names",
    hint: 'Write ~{group} to drop the group, or quote a name that looks like a number.',
    status: 400,
  },
  CONFIG_GROUP_UNKNOWN: {
    message: "'{override}': there is no config group '{group}'{nearest}",
    hint: 'Groups: {available}.',
    status: 400,
  },
  CONFIG_GROUP_UNUSED: {
    message: "'{override}': '{group}' is not in the defaults list{nearest}",
    hint: 'Write +{override} to append it.',
    status: 400,
  },
  CONFIG_KEY_UNKNOWN: {
    message: "'{override}': the config has no key '{key}'{nearest}",
    hint: 'Write +{override} to add a new key.',
    status: 400,
  },
  CONFIG_KEY_PRESENT: {
    message: "'{override}': the config already has '{key}'",
    hint: 'Leave out the + to change it, or write ++ to add or change it.',
    status: 400,
  },
  CONFIG_DELETE_REFUSED: {
    message: "'{override}': {reason}{nearest}",
    hint: 'Write ~key to drop a key whatever its value, or ~group to drop a group.',
    status: 400,
  },
  CONFIG_OVERRIDE_SYNTAX: {
    message: "'{override}', column {column}: {reason}",
    hint: 'An override is key=value, group=option, +key=value, ++key=value or ~key; put quotes around a value with any of ,=()[]{}\'".',
    status: 400,
  },
  CONFIG_OVERRIDE_SWEEP: {
    message: "'{override}' gives several values, and one run takes one",
    hint: 'Sweep over them with -m, or write a list as [a,b].',
    status: 400,
  },
  CONFIG_INTERPOLATION: {
    message: '{path}: {expression}: {reason}{nearest}',
    hint: 'An interpolation is ${key.path}, ${.sibling}, ${oc.env:NAME} or ${oc.env:NAME,default}.',
    status: 400,
  },
  CONFIG_VALUES_MISSING: {
    message: 'these values must be given: {paths}',
    hint: 'Give each as an override: {example}',
    status: 400,
  },
  CONFIG_INVALID: {
    message: 'the config has {problems}:\n{lines}',
    hint: 'Correct these keys in the config files or by an override.',
    status: 400,
  },
});
