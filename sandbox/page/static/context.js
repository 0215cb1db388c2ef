/** The chat's acts, within reach of every component. */

import { createContext, useContext } from "./vendor/htm-preact.js";

export const ChatContext = createContext(null);
export const useChat = () => useContext(ChatContext);
