import "./side.css";

export { AlarmsPage } from "./alarms_page";
export { BehindPage } from "./behind_page";
export { TextsPage } from "./texts_page";
