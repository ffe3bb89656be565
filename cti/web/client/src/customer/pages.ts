export { Editor } from "./editor";
export { Finder } from "./finder";
export { Merge } from "./merge";
