/** Messages that the shell, and nft with the words of the C library, say in the language of the user. (bash and glibc, po/*.po) */

/** "command not found" in the languages bash speaks. (bash, po/*.po; zsh and fish have their own order of words) */
export const NOT_FOUND =
  '(?:(?:command |inaccessible or )?not found|(?:Kommando|Befehl) nicht gefunden|commande introuvable|(?:orden|comando) no encontrad[ao]|no se encontró la orden|comando não encontrado|' +
  'comando non trovato|команда не найдена|команду не знайдено|opdracht niet gevonden|(?:nie znaleziono polecenia|polecenie nieodnalezione)|kommandot (?:finns inte|hittades inte)|' +
  'příkaz nenalezen|komut bulunamadı|未找到命令|找不到命令|コマンドが見つかりません|명령어를 찾을 수 없음)';

/** "No such file or directory" in the same languages. (glibc, po/*.po) */
export const NO_SUCH_FILE =
  '(?:[Nn]o [Ss]uch file or directory|Datei oder Verzeichnis nicht gefunden|Aucun fichier ou dossier de ce (?:type|nom)|No existe el (?:fichero|archivo) o el directorio|' +
  'Arquivo ou diretório (?:inexistente|não encontrado)|Ficheiro ou directoria inexistente|File o directory non esistente|Нет такого файла или каталога|' +
  'Немає такого файла або каталогу|Bestand of map bestaat niet|Nie ma takiego pliku ani katalogu|Filen eller katalogen finns inte|Böyle bir dosya ya da dizin yok|' +
  '没有那个文件或目录|没有该文件或目录|沒有此一檔案或目錄|そのようなファイルやディレクトリはありません|그런 파일이나 디렉터리가 없습니다)';

/** "Permission denied" in the same languages. */
export const NO_PERMISSION =
  '(?:Permission denied|Keine Berechtigung|Permission non accordée|Permiso denegado|Permissão negada|Permesso negato|Отказано в доступе|Toegang geweigerd|Brak dostępu|权限不够|拒絕不符權限的操作|許可がありません)';

/** "Operation not permitted" in the same languages. */
export const NOT_PERMITTED =
  '(?:Operation not permitted|Die Operation ist nicht erlaubt|Vorgang nicht zulässig|Opération non permise|Operación no permitida|Operação não permitida|Operazione non permessa|' +
  'Операция не позволена|不允许的操作|許可されていない操作です)';

/** "Device or resource busy" in the same languages. */
export const BUSY =
  '(?:Device or resource busy|Das Gerät oder die Ressource ist belegt|Périphérique ou ressource occupé|Dispositivo o recurso (?:ocupado|está ocupado)|Dispositivo o risorsa occupata|' +
  'Устройство или ресурс занято|设备或资源忙)';

/** "File exists" in the same languages. */
export const EXISTS =
  '(?:File exists|Die Datei existiert bereits|Le fichier existe|El (?:fichero|archivo) ya existe|Arquivo existe|File già esistente|Файл существует|文件已存在)';

/** "Operation not supported" in the same languages. */
export const UNSUPPORTED =
  '(?:Operation not supported|Die Operation wird nicht unterstützt|Opération non supportée|Operación no soportada|Operação não suportada|Operazione non supportata|' +
  'Операция не поддерживается|不支持的操作)';

/** "Invalid argument" in the same languages. */
export const INVALID =
  '(?:Invalid argument|Das Argument ist ungültig|Argument invalide|Argumento inválido|Argomento non valido|Недопустимый аргумент|无效的参数)';
