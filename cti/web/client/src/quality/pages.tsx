import "./quality.css";

export { MyScores } from "./my_scores";
export { Recordings } from "./recordings";
